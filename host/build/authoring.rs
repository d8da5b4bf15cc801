//! Puts what authors of plugins need into the program: the contract, the SDK, templates of projects, bindings for C.
//!
//! Nothing of it can be had from a registry, so `vpo plugins new` writes it into each project. The table written here has
//! one entry for each file, named by its place in the source tree; [`C_FOLDER`] holds the bindings made here.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;

/// What is written as it stands: the contract, the SDK without its own tests, and what projects are made of.
const FOLDERS: [&str; 7] = [
    "wit",
    "plugins/sdk/src",
    "plugins/sdk/derive",
    "plugins/sdk/bindings",
    "plugins/sdk/Cargo.toml",
    "plugins/examples",
    "host/cli/commands/plugins/templates",
];

/// Where the bindings for C are in the table, by the name of their world.
const C_FOLDER: &str = "c-bindings";

const C_WORLDS: [&str; 3] = ["policy-plugin", "introspector-plugin", "detector-plugin"];

/// Writes `authoring.rs`, and what it includes, into the folder of the build.
pub fn write(root: &Path, out: &Path) -> io::Result<()> {
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
        gather(root, &root.join(folder), &mut files)?;
    }

    println!("cargo::rerun-if-changed={}", root.join("Cargo.toml").display());
    println!("cargo::rerun-if-changed={}", root.join("Cargo.lock").display());
    let manifest = out.join("vendor.toml");
    fs::write(&manifest, vendored_workspace(root)?)?;
    files.push(("vendor/Cargo.toml".to_owned(), manifest));
    files.push(("Cargo.lock".to_owned(), root.join("Cargo.lock")));

    for world in C_WORLDS {
        for (name, content) in c_bindings(&root.join("wit"), world) {
            let path = out.join(C_FOLDER).join(world).join(&name);
            fs::create_dir_all(path.parent().expect("a file has a folder"))?;
            fs::write(&path, content)?;
            files.push((format!("{C_FOLDER}/{world}/{name}"), path));
        }
    }
    files.sort();

    let mut text =
        String::from("/// Files by their place in the source tree, sorted.\npub static FILES: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        writeln!(text, "    ({name:?}, include_bytes!({:?})),", path.to_string_lossy()).expect("a String takes all");
    }
    text.push_str("];\n");
    fs::write(out.join("authoring.rs"), text)
}

fn gather(root: &Path, path: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            gather(root, &entry?.path(), files)?;
        }
    } else {
        let name = path.strip_prefix(root).expect("it was found under the root");
        files.push((name.to_string_lossy().into_owned(), path.to_owned()));
    }
    Ok(())
}

/// The manifest of the workspace that the SDK is in a project: this one's, with only what the SDK names.
fn vendored_workspace(root: &Path) -> io::Result<String> {
    let mut crates = Vec::new();
    for folder in ["plugins/sdk", "plugins/sdk/derive"] {
        crates.push(folder.to_owned());
    }
    for entry in fs::read_dir(root.join("plugins/sdk/bindings"))? {
        crates.push(format!("plugins/sdk/bindings/{}", entry?.file_name().to_string_lossy()));
    }
    crates.sort();
    let mut named = BTreeSet::new();
    for folder in &crates {
        let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml"))?;
        named
            .extend(manifest.lines().filter(|line| line.contains("workspace = true")).map(|line| key(line).to_owned()));
    }

    let mut text = format!(
        "# What the SDK of vpo is built with; `vpo plugins new` wrote it.\n[workspace]\nresolver = \"3\"\nmembers = {crates:?}\n"
    );
    let mut section = String::new();
    for line in fs::read_to_string(root.join("Cargo.toml"))?.lines() {
        if line.starts_with('[') {
            section = line.to_owned();
            if section == "[workspace.package]" || section == "[workspace.dependencies]" || is_lints(&section) {
                write!(text, "\n{line}\n").expect("a String takes all");
            }
        } else if section == "[workspace.package]" && !line.is_empty()
            || section == "[workspace.dependencies]" && named.contains(key(line))
            || is_lints(&section) && !line.is_empty()
        {
            writeln!(text, "{line}").expect("a String takes all");
        }
    }
    Ok(text)
}

fn is_lints(section: &str) -> bool {
    section.starts_with("[workspace.lints.")
}

/// The key of a line of TOML: `kdl` of `kdl.workspace = true` and of `kdl = { … }`.
fn key(line: &str) -> &str {
    line.split(['.', '=']).next().unwrap_or_default().trim()
}

/// Header, source and type object of a world, as `wit-bindgen c` writes them.
fn c_bindings(wit: &Path, world: &str) -> Vec<(String, Vec<u8>)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).expect("the contract is well-formed");
    let world = resolve.select_world(&[package], Some(world)).expect("the contract has this world");
    let mut files = Files::default();
    let mut generator = wit_bindgen_c::Opts::default().build();
    generator.generate(&mut resolve, world, &mut files).expect("the contract can be bound to C");
    files.iter().map(|(name, content)| (name.to_owned(), content.to_owned())).collect()
}
