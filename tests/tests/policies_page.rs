//! What `docs/policies.md` says that its examples do, they do, on real films.
//!
//! `VPO_REWRITE_DOCS=1` writes what they do into the page, to be read before it is handed in.

use std::fs;

use vpo_tests::{Home, page_films, workspace};

/// An example with the film that it is shown on, and what the page says.
struct Example {
    profile: String,
    film: String,
    says: String,
}

#[test]
fn the_examples_of_the_page_do_what_it_says() {
    let path = workspace().join("docs/policies.md");
    let page = fs::read_to_string(&path).unwrap();
    let home = Home::new();
    page_films(&home);
    home.vpo(["scan", "[films]"]).exits(0);

    let mut rewritten = page.clone();
    let mut wrong = Vec::new();
    let examples = examples(&page);
    assert!(examples.len() > 20, "{} examples are shown on films", examples.len());
    for example in examples {
        let does = plan_of(&home, &example);
        if does != example.says {
            wrong.push(format!("{}\n```plan {}\n{does}```\n", example.profile, example.film));
            let fence = |says: &str| format!("```kdl\n{}```\n", example.profile) + says;
            let (_, behind) = rewritten.split_once(&fence("")).unwrap();
            let said = format!("```plan {}\n{}```\n", example.film, example.says);
            let behind = behind.replacen(&said, &format!("```plan {}\n{does}```\n", example.film), 1);
            let before = rewritten.split_once(&fence("")).unwrap().0;
            rewritten = format!("{before}{}{behind}", fence(""));
        }
    }
    if std::env::var_os("VPO_REWRITE_DOCS").is_some() {
        fs::write(path, rewritten).unwrap();
    } else {
        assert!(wrong.is_empty(), "the page does not say what these do:\n\n{}", wrong.join("\n"));
    }
}

/// What a dry run says of one film, without the lines about the tool, whose bytes differ from version to version, about the
/// outcome, and about the place in the profile, which stands above the plan on the page.
fn plan_of(home: &Home, example: &Example) -> String {
    let everything = "allow \"remove-track\" \"remove-attachment\" \"remove-chapters\" \"reorder\" \"convert-container\" \
                      \"transcode-track\"\n";
    home.write("profiles/example.kdl", format!("{}{everything}", example.profile));
    let film = format!("[films]/{}", example.film);
    let explained = home.vpo(["explain", "-p", "example", &film]).exits(0);
    let other = ["becomes ", "afterwards: ", "rule: "];
    let own =
        |line: &&str| !line.contains(" to write") && !other.iter().any(|start| line.trim_start().starts_with(start));
    let lines = explained.stdout.lines().skip(1).take_while(|line| !line.starts_with("  left as it is"));
    lines.filter(own).map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect()
}

/// The examples that are shown on a film: a block of KDL, and behind it what it does.
fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut profile = String::new();
    let mut blocks = page.split("```");
    blocks.next();
    while let Some(block) = blocks.next() {
        let (fence, content) = block.split_once('\n').unwrap();
        match fence.split_once(' ') {
            None if fence == "kdl" => profile = content.to_owned(),
            Some(("plan", film)) => {
                let (profile, film, says) = (profile.clone(), film.to_owned(), content.to_owned());
                examples.push(Example { profile, film, says });
            }
            _ => {}
        }
        blocks.next();
    }
    examples
}
