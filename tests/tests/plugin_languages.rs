//! The same policy in Rust, JavaScript, Python and C: the same answers, the same plans.

use std::fs;

use serde_json::Value;
use vpo_tests::authoring::Project;
use vpo_tests::{Home, page_films, workspace};

const SOURCES: [(&str, &str, &str); 4] = [
    ("rust", "src/lib.rs", "rust/src/lib.rs"),
    ("js", "plugin.js", "js/plugin.js"),
    ("python", "plugin.py", "python/plugin.py"),
    ("c", "plugin.c", "c/plugin.c"),
];

#[test]
fn case_55_the_same_policy_in_every_language_makes_the_same_plans() {
    let home = Home::new();
    page_films(&home);
    let cases = write_cases(&home);
    let library = home.films("").display().to_string();
    let policy = "policy \"no-adverts\" {\n    unwanted \"E\" \"ommentar\" \"ü\" ignore-case=#true\n}";
    home.write("profiles/mine.kdl", format!("library {library:?}\n{policy}\n"));
    let mut answers: Vec<(&str, Value, Value)> = Vec::new();

    for (lang, source, example) in SOURCES {
        let Some(project) = Project::begin(&home, "no-adverts", lang, "policy") else { continue };
        let written = fs::read_to_string(project.path(source)).unwrap();
        let shown = fs::read_to_string(workspace().join("plugins/examples").join(example)).unwrap();
        assert_eq!(written, shown, "plugins/examples/{example} is not what `vpo plugins new` writes");
        project.make("install").exits(0);

        let mut arguments = vec!["plugins".to_owned(), "try".into(), "no-adverts".into(), "--json".into()];
        arguments.extend(cases.iter().cloned());
        let tried = home.vpo(arguments).exits(0).json();
        home.vpo(["scan", "--profile", "mine"]).exits(0);
        let plan = home.vpo(["apply", "--profile", "mine", "--dry-run", "--json"]).exits(0).json();
        answers.push((lang, tried, plan["files"].clone()));
        fs::remove_dir_all(project.path("")).unwrap();
    }

    let Some((_, first_tried, first_plan)) = answers.first() else { return };
    assert!(first_tried.to_string().contains("The title has"), "the cases ask for nothing");
    assert!(first_plan.to_string().contains("set-track-title"), "the films ask for nothing: {first_plan}");
    for (lang, tried, plan) in &answers {
        assert_eq!(tried, first_tried, "{lang} answers differently");
        assert_eq!(plan, first_plan, "{lang} plans differently");
    }
}

/// Writes cases of titles at random, always the same ones.
fn write_cases(home: &Home) -> Vec<String> {
    let words = ["RARBG", "rarbg", "YTS.MX", "English", "Ünïcödé", "ü", "", "日本語", "a\\\"b", "Commentary", "ſ", "İ"];
    let mut seed = 7_u32;
    let mut pick = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) as usize % below
    };
    (0..120)
        .map(|number| {
            let mut case = String::new();
            if pick(8) > 0 {
                let wanted: Vec<String> = (0..=pick(3)).map(|_| format!("\"{}\"", words[pick(words.len())])).collect();
                let fold = ["", " ignore-case=#true", " ignore-case=#false"][pick(3)];
                case.push_str(&format!("options {{\n    unwanted {}{fold}\n}}\n", wanted.join(" ")));
            }
            for _ in 0..=pick(6) {
                let kind = ["video", "audio", "subtitle", "other"][pick(4)];
                case.push_str(&format!("track \"{kind}\""));
                if pick(4) > 0 {
                    let title: Vec<&str> = (0..=pick(3)).map(|_| words[pick(words.len())]).collect();
                    case.push_str(&format!(" title=\"{}\"", title.join([" ", "", "-"][pick(3)])));
                }
                case.push('\n');
            }
            home.write(&format!("cases/{number}.kdl"), case).display().to_string()
        })
        .collect()
}
