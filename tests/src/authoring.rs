//! Projects of plugins, made by `vpo plugins new` and built as their authors would.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::{program, scratch, workspace};
use crate::{Home, Outcome};

/// A project in the folder of a [`Home`].
pub struct Project<'a> {
    home: &'a Home,
    name: String,
    lang: &'static str,
}

impl<'a> Project<'a> {
    /// Begins a project; `None`, said on stderr, when its language cannot be built here.
    pub fn begin(home: &'a Home, name: &str, lang: &'static str, kind: &str) -> Option<Self> {
        if !is_at_hand(lang) {
            eprintln!("skipped: the tools for {lang} are not here; scripts/guest-tools.sh gets them");
            return None;
        }
        home.vpo(["plugins", "new", name, "--lang", lang, "--kind", kind]).exits(0);
        Some(Self { home, name: name.to_owned(), lang })
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.home.folder().join(&self.name).join(inside)
    }

    /// The component that `make` leaves.
    pub fn component(&self) -> PathBuf {
        self.path(&format!("{}.wasm", self.name))
    }

    /// Runs a target of the project's Makefile.
    pub fn make(&self, target: &str) -> Outcome {
        let mut command = Command::new("make");
        command.args(["--silent", target]);
        self.run(command)
    }

    /// Runs a command in the project, without a network, with `vpo` being the program under test.
    pub fn run(&self, mut command: Command) -> Outcome {
        command.current_dir(self.path("")).envs(environment(self.home, self.lang));
        let output = command.output().expect("the command runs");
        Outcome::new(&command, self.home.folder(), output)
    }
}

/// What an author's shell has, and where the tools are.
pub fn environment(home: &Home, lang: &str) -> Vec<(&'static str, PathBuf)> {
    let mut environment = vec![
        ("VPO", program()),
        ("VPO_HOME", home.own()),
        ("XDG_CACHE_HOME", scratch("cache")),
        ("CARGO_NET_OFFLINE", "true".into()),
        ("CARGO_TARGET_DIR", scratch("authoring")),
    ];
    if let Some(tools) = tools(lang) {
        environment.push(("TOOLS", tools));
    }
    environment
}

/// Whether plugins can be built in a language here.
pub fn is_at_hand(lang: &str) -> bool {
    match (lang, tools(lang)) {
        ("rust", _) => has_target("wasm32-unknown-unknown"),
        ("js", Some(tools)) => tools.join(".bin/componentize-qjs").is_file(),
        ("python", Some(tools)) => tools.join("componentize-py").is_file(),
        ("c", Some(tools)) => tools.join("python-zig").is_file(),
        _ => false,
    }
}

/// Whether the Rust at hand has the standard library of a target.
pub fn has_target(target: &str) -> bool {
    let answer = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    answer.is_ok_and(|answer| {
        let folder = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        std::fs::read_dir(Path::new(&folder)).is_ok_and(|mut entries| entries.next().is_some())
    })
}

fn tools(lang: &str) -> Option<PathBuf> {
    let tools = workspace().join("target/guest-tools");
    match lang {
        "js" => Some(tools.join("javascript/node_modules")),
        "python" | "c" => Some(tools.join("python/bin")),
        _ => None,
    }
}
