//! The house keeps its floors: what a module may use is where it stands in `host/src/lib.rs`, and what is powerful has one
//! home each.

use std::fs;
use std::path::{Path, PathBuf};

use vpo_tests::workspace;

#[test]
fn a_module_uses_only_those_below_it() {
    let modules = modules(&read(&host("src/lib.rs")));
    let mut wrong = Vec::new();
    for (floor, module) in modules.iter().enumerate() {
        for file in sources(&host("src").join(module)) {
            for used in uses(&code(&read(&file))) {
                if modules[floor + 1..].contains(&used) {
                    wrong.push(format!("{}: {module} uses {used}, which stands above it", shown(&file)));
                }
            }
        }
    }

    assert!(modules.len() > 10, "host/src/lib.rs lists its modules");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_is_powerful_has_one_home() {
    let homes = [
        ("wasmtime", "src/plugins"),
        ("rusqlite", "src/store"),
        ("Command::new", "src/tools"),
        ("clap", "cli"),
        ("unicode_width", "cli"),
        ("indicatif", "cli"),
    ];
    let mut wrong = Vec::new();
    for file in sources(&host("src")).into_iter().chain(sources(&host("cli"))) {
        let code = code(&read(&file));
        for (what, home) in homes {
            if mentions(&code, what) && !file.starts_with(host(home)) {
                wrong.push(format!("{} has {what}, which lives in host/{home}", shown(&file)));
            }
        }
    }

    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_library_knows_neither_terminal_nor_environment() {
    let mut wrong = Vec::new();
    for file in sources(&host("src")) {
        let code = code(&read(&file));
        for what in ["std::env", "env::var", "env::home_dir", "println!", "eprintln!", "std::process::exit"] {
            if mentions(&code, what) {
                wrong.push(format!("{} has {what}", shown(&file)));
            }
        }
    }

    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn versions_stand_in_one_place() {
    let mut wrong = Vec::new();
    for manifest in manifests() {
        let text = read(&manifest);
        let mut dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                dependencies = line.contains("dependencies");
            } else if dependencies && line.contains('=') && !line.contains("workspace = true") && !line.starts_with('#')
            {
                wrong.push(format!("{}: {line}", shown(&manifest)));
            }
        }
    }

    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn an_upward_use_is_seen() {
    let modules = ["media", "scan"];
    let code = code(
        "//! See [`crate::apply`].\nuse crate::{media::Facts, scan::{walk, Found}};\nlet x = crate::library::door();",
    );

    assert_eq!(uses(&code), ["library", "media", "scan"]);
    assert_eq!(self::modules("pub mod media;\n// Files on disk to rows.\npub mod scan;"), modules);
    assert!(mentions("use wasmtime::Engine;", "wasmtime") && !mentions("let not_wasmtime = 1;", "wasmtime"));
}

fn host(path: &str) -> PathBuf {
    workspace().join("host").join(path)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).display().to_string()
}

/// Returns the names of the public modules in the order they are listed in.
fn modules(lib: &str) -> Vec<String> {
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

/// Returns the Rust files below a folder, and the file of a module that has no folder.
fn sources(module: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![module.to_owned(), module.with_extension("rs")];
    while let Some(path) = open.pop() {
        // Tests stand where what they test does, and may do more.
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("readable").map(|entry| entry.expect("readable").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Returns the text without its comments.
fn code(text: &str) -> String {
    let code = text.lines().map(|line| line.find("//").map_or(line, |at| &line[..at])).collect::<Vec<_>>().join("\n");
    // Takes a text apart and reads nothing.
    code.replace("std::env::split_paths", "")
}

/// Returns the modules that are named after `crate::`, alone or in braces.
fn uses(code: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        if code[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | '$')) {
            continue;
        }
        match code[at + path.len()..].strip_prefix('{') {
            None => found.push(word(&code[at + path.len()..])),
            Some(group) => found.extend(first_words(group)),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns the first word of each member of a group, up to the brace that closes it.
fn first_words(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut words = vec![word(group.trim_start())];
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => words.push(word(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    words
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Whether the text stands in the code as a word of its own.
fn mentions(code: &str, what: &str) -> bool {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(what).any(|(at, _)| {
        !code[..at].ends_with(inside) && (what.ends_with('!') || !code[at + what.len()..].starts_with(inside))
    })
}

fn manifests() -> Vec<PathBuf> {
    let plugins = fs::read_dir(workspace().join("plugins")).expect("readable");
    let crates = plugins.map(|entry| entry.expect("readable").path().join("Cargo.toml"));
    let mut manifests = vec![host("Cargo.toml"), workspace().join("tests/Cargo.toml")];
    manifests.extend(crates.filter(|manifest| manifest.is_file()));
    manifests
}
