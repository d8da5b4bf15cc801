//! Puts the bundled plugins into the program, and what authors of plugins need.
//!
//! `make plugins` leaves one component for each crate of `plugins/` in `target/plugins`; the table written here holds
//! them by name. Without them the library still builds, so that `cargo check` and editors work from a fresh clone; the
//! table is then empty and the program says what to do when it looks for a bundled plugin.

#[path = "build/authoring.rs"]
mod authoring;

use std::env;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let folder = bundled_folder();
    let mut components = components(&folder)?;
    components.sort();
    if components.is_empty() {
        println!("cargo::warning=no bundled plugins in {}; run `make plugins` first", folder.display());
    }

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("bundled.rs"), table(&components))?;
    authoring::write(&workspace(), &out)?;

    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=VPO_BUNDLED_PLUGINS");
    println!("cargo::rerun-if-changed={}", folder.display());
    Ok(())
}

fn bundled_folder() -> PathBuf {
    if let Some(folder) = env::var_os("VPO_BUNDLED_PLUGINS") {
        return PathBuf::from(folder);
    }
    workspace().join("target/plugins")
}

fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    Path::new(&package).parent().expect("the package lies in the workspace").to_owned()
}

/// Returns the components in a folder, which is made when missing: cargo runs this script at every build for a path that
/// is not there.
fn components(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|path| path.extension() == Some(OsStr::new("wasm"))).collect())
}

fn table(components: &[PathBuf]) -> String {
    let mut text =
        String::from("/// The bundled components, sorted by name.\npub static BUNDLED: &[(&str, &[u8])] = &[\n");
    for path in components {
        let name = path.file_stem().expect("a listed file has a name").to_string_lossy();
        writeln!(text, "    ({name:?}, include_bytes!({:?})),", path.to_string_lossy()).expect("a String takes all");
    }
    text.push_str("];\n");
    text
}
