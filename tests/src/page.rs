//! What a page of the documentation tells its reader to type.

/// The blocks of a page that are fenced as `sh`, each with the language of plugins that it is about; without one it is Rust.
pub fn page_commands(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```sh") else { continue };
        let lang = match fence.trim() {
            "" => "rust",
            lang => lang,
        };
        let text: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        blocks.push((lang.to_owned(), text));
    }
    blocks
}
