//! Where the build put things: the program under test, components, and a place for files that outlive one test.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace").to_owned()
}

/// Returns the program under test: `VPO_BIN`, else the one that was built beside this test.
pub fn program() -> PathBuf {
    let program = env::var_os("VPO_BIN").map_or_else(|| build_folder().join("vpo"), PathBuf::from);
    assert!(program.is_file(), "{} is not built; run `make test`", program.display());
    program
}

/// Returns a component that `make` built: `component("plugins", "tracks")` or `component("hostile", "unruly-policy")`.
pub fn component(folder: &str, name: &str) -> PathBuf {
    let component = workspace().join("target").join(folder).join(name).with_extension("wasm");
    assert!(component.is_file(), "{} is not built; run `make test`", component.display());
    component
}

/// Returns a folder under the build folder for what tests share: media, compiled components.
pub fn scratch(name: &str) -> PathBuf {
    let folder = build_folder().join("vpo-tests").join(name);
    fs::create_dir_all(&folder).expect("the build folder is writable");
    folder
}

/// Returns `target/<profile>`: tests run from the `deps` folder in it, programs from beside that.
fn build_folder() -> PathBuf {
    let test = env::current_exe().expect("a test knows its program");
    let folder = test.ancestors().skip(1).find(|folder| folder.join("deps").is_dir());
    folder.unwrap_or_else(|| panic!("{} does not run from a build folder", test.display())).to_owned()
}
