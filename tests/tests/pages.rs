//! Every command of the pages about scanning and applying, run in order in a fresh home.

use std::fs;
use std::process::Command;

use vpo_tests::{Home, page_commands, page_films, program, scratch, workspace};

#[test]
fn the_commands_of_the_page_about_scanning_work() {
    let said = run("docs/scanning.md");
    for answer in ["moved 1, removed (missing) 0", "removed (missing) 1", "pruned 1", "inode and ctime"] {
        assert!(said.contains(answer), "no {answer:?} in:\n{said}");
    }
}

#[test]
fn the_commands_of_the_page_about_applying_work() {
    let said = run("docs/applying.md");
    let told = [
        "remove-track",
        "undone",
        "would take back 1 change",
        "kept as",
        "brings it back in place of",
        "originals deleted",
    ];
    for answer in told {
        assert!(said.contains(answer), "no {answer:?} in:\n{said}");
    }
}

/// What the commands of a page say, all in one shell that stops at the first that fails.
fn run(page: &str) -> String {
    let page = fs::read_to_string(workspace().join(page)).unwrap();
    let script: String = page_commands(&page).into_iter().map(|(_, text)| text).collect();
    let home = Home::new();
    page_films(&home);
    let mut path = program().parent().unwrap().to_owned().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-eu", "-c", &script])
        .current_dir(home.folder())
        .envs([("VPO_HOME", home.own().into_os_string()), ("XDG_CACHE_HOME", scratch("cache").into()), ("PATH", path)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{script}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}
