//! Every command of `docs/plugins.md`, run in order in a fresh home.

use std::fs;
use std::process::Command;

use vpo_tests::authoring::{environment, is_at_hand};
use vpo_tests::{Home, page_commands, page_films, program, workspace};

#[test]
fn the_commands_of_the_page_work() {
    let page = fs::read_to_string(workspace().join("docs/plugins.md")).unwrap();
    let home = Home::new();
    page_films(&home);
    let blocks = page_commands(&page);
    assert!(blocks.len() > 8, "{} blocks of commands", blocks.len());

    let tutorial: String = blocks.iter().filter(|(lang, _)| lang == "rust").map(|(_, text)| text.as_str()).collect();
    for (lang, script) in
        std::iter::once(&("rust".to_owned(), tutorial)).chain(blocks.iter().filter(|(lang, _)| lang != "rust"))
    {
        if !is_at_hand(lang) {
            eprintln!("skipped: the tools for {lang} are not here; scripts/guest-tools.sh gets them");
            continue;
        }
        let folder = program().parent().unwrap().to_owned();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-eu", "-c", script])
            .current_dir(home.folder())
            .envs(environment(&home, lang))
            .env("PATH", path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{script}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        if lang == "rust" {
            assert!(said.contains("The title has \"Commentary\" in it."), "{said}");
        }
    }
}
