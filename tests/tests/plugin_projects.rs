//! `vpo plugins new`: what it writes builds, keeps the contract, and does its work in a profile.

use std::fs;
use std::process::Command;

use vpo_tests::authoring::{Project, has_target};
use vpo_tests::{Home, names, page_films, snapshot};

/// Builds a project, asks it about its cases, checks it and puts it to use.
fn build_and_install(project: &Project<'_>, home: &Home) {
    project.make("build").exits(0);
    let component = project.component();
    let cases = fs::read_dir(project.path("cases")).unwrap().map(|entry| entry.unwrap().path());
    let cases: Vec<_> = cases.filter(|path| path.extension().is_some_and(|extension| extension == "kdl")).collect();
    assert!(cases.len() >= 2, "{cases:?}");
    let mut arguments = vec!["plugins".into(), "try".into(), component.clone().into_os_string()];
    arguments.extend(cases.into_iter().map(|path| path.into_os_string()));
    let tried = home.vpo(arguments).exits(0);
    assert!(tried.stdout.contains("as expected") && !tried.stdout.contains("not as expected"), "{tried}");
    home.vpo(["plugins".as_ref(), "check".as_ref(), component.as_os_str()]).exits(0);
    project.make("install").exits(0);
}

/// Has a plugin work on real films in a profile.
fn use_in_a_profile(home: &Home, name: &str, kind: &str) {
    page_films(home);
    let films = names(&home.films("")).len();
    let library = home.films("").display().to_string();
    let line = match kind {
        "policy" => format!("policy \"{name}\" {{ unwanted \"e\" }}"),
        "introspector" => format!("introspect \"{name}\" \"matroska\" \"isobmff\" \"avi\" \"mpegts\""),
        _ => format!("detect \"{name}\" {{ sample #true }}"),
    };
    home.write("profiles/mine.kdl", format!("library {library:?}\n{line}\n"));
    if kind == "introspector" {
        home.write("../films/Small.y4m", "YUV4MPEG2 W640 H360 F25:1\nFRAME\n");
    }
    let scan = home.vpo(["scan", "--profile", "mine", "--json"]).exits(0);
    let found = films as u64 + u64::from(kind == "introspector");
    assert_eq!(scan.summary()[0], found, "{scan}");
    let again = home.vpo(["scan", "--profile", "mine", "--json"]).exits(0);
    assert_eq!(again.summary()[1], found, "{again}");
    if kind == "policy" {
        let plan = home.vpo(["apply", "--profile", "mine", "--dry-run"]).exits(0);
        assert!(plan.stdout.contains("The title has \"e\" in it."), "{plan}");
    }
}

fn works(lang: &'static str, kinds: &[&str]) {
    for kind in kinds {
        let home = Home::new();
        let name = format!("my-{kind}");
        let Some(project) = Project::begin(&home, &name, lang, kind) else { return };
        build_and_install(&project, &home);
        use_in_a_profile(&home, &name, kind);
    }
}

#[test]
fn projects_in_rust_work() {
    works("rust", &["policy", "introspector", "detector"]);
}

#[test]
fn projects_in_javascript_work() {
    works("js", &["policy", "introspector", "detector"]);
}

#[test]
fn projects_in_python_work() {
    // A policy is built and asked in `plugin_languages`; each takes twenty seconds of compiling an interpreter.
    works("python", &["introspector", "detector"]);
}

#[test]
fn projects_in_c_work() {
    works("c", &["policy", "introspector", "detector"]);
}

/// Puts a mistake into the function that a project is about, and has its component asked.
fn said_of_a_mistake(lang: &'static str, source: &str, function: &str, mistake: &str) -> Option<String> {
    let home = Home::new();
    let project = Project::begin(&home, "mistaken", lang, "policy")?;
    let path = project.path(source);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(function));
    fs::write(&path, text.replace(function, &format!("{function}{mistake}"))).unwrap();
    project.make("build").exits(0);
    let (component, case) = (project.component(), project.path("cases/adverts.kdl"));
    let tried = home.vpo(["plugins".as_ref(), "try".as_ref(), component.as_os_str(), case.as_os_str()]);
    assert_eq!(tried.exit, 2, "{tried}");
    Some(tried.stderr)
}

#[test]
fn a_mistake_in_javascript_is_told_with_its_place() {
    for (mistake, told) in [
        ("\n    throw new Error(\"mine\");", "Error: mine"),
        ("\n    return;", "returned nothing"),
        ("\n    return [new Date()];", "no clock"),
    ] {
        let function = "evaluate(options, context, facts) {";
        let Some(said) = said_of_a_mistake("js", "plugin.js", function, mistake) else { return };
        assert!(said.contains(told), "{said}");
        assert!(told == "returned nothing" || said.contains("plugin.js:"), "{said}");
    }
}

#[test]
fn a_mistake_in_python_is_told_with_its_place() {
    let function = "def evaluate(self, options, context, facts):";
    let mistake = "\n        raise ValueError(\"mine\")";
    let Some(said) = said_of_a_mistake("python", "plugin.py", function, mistake) else { return };
    assert!(said.contains("ValueError: mine") && said.contains("plugin.py:"), "{said}");
}

#[test]
fn one_source_builds_three_ways_and_answers_the_same() {
    let home = Home::new();
    let Some(project) = Project::begin(&home, "three-ways", "rust", "policy") else { return };
    let has_cargo_component = Command::new("cargo").args(["component", "--version"]).output();
    let has_cargo_component = has_cargo_component.is_ok_and(|answer| answer.status.success());
    let ways: [(&str, &[&str], &str, bool); 4] = [
        ("pure", &["build"], "wasm32-unknown-unknown", true),
        ("pure by host", &["build"], "wasm32-wasip2", has_target("wasm32-wasip2")),
        ("pure", &["component", "build"], "wasm32-unknown-unknown", has_cargo_component),
        ("pure by host", &["component", "build"], "", has_cargo_component && has_target("wasm32-wasip1")),
    ];
    let mut answers = Vec::new();
    for (class, verbs, target, is_possible) in ways {
        if !is_possible {
            eprintln!("skipped: cargo {} for {target:?} is not possible here", verbs.join(" "));
            continue;
        }
        let mut cargo = Command::new("cargo");
        cargo.args(verbs).arg("--release");
        if !target.is_empty() {
            cargo.args(["--target", target]);
        }
        project.run(cargo).exits(0);
        let folder = if target.is_empty() { "wasm32-wasip1" } else { target };
        let built = vpo_tests::scratch("authoring").join(folder).join("release/three_ways.wasm");
        let check = home.vpo(["plugins".as_ref(), "check".as_ref(), built.as_os_str()]).exits(0);
        assert!(check.stdout.contains(&format!("({class})")), "{verbs:?} for {target:?}: {check}");
        let case = project.path("cases/adverts.kdl");
        let answer = home.vpo(["plugins".as_ref(), "try".as_ref(), built.as_os_str(), case.as_os_str()]).exits(0);
        answers.push(answer.stdout);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
}

#[test]
fn what_cannot_be_a_project_is_refused_with_the_reason() {
    let home = Home::new();
    for name in ["", "No", "-a", "a-", "a--b", "../a", "a/b", "ü", "1a", "tracks", "test", &"a".repeat(65)] {
        let refused = home.vpo(["plugins", "new", "--", name]);
        assert_eq!(refused.exit, 2, "{name:?}: {refused}");
    }
    home.vpo(["plugins", "new", "twice"]).exits(0);
    let twice = home.vpo(["plugins", "new", "twice"]);
    assert!(twice.exit == 2 && twice.stderr.contains("is there already"), "{twice}");
}

#[test]
fn a_new_project_says_what_to_do_next() {
    snapshot!(Home::new().vpo(["plugins", "new", "no-adverts"]));
}
