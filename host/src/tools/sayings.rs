//! What tools say, made short: mkvmerge has a sentence for each block that it stumbles over.

use std::collections::HashMap;

/// Joins lines into one. Of those that differ only in numbers the first is kept, with how many more there are.
pub fn in_short<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut kept: Vec<(&str, usize)> = Vec::new();
    let mut places = HashMap::new();
    for line in lines.into_iter().map(str::trim).filter(|line| !line.is_empty()) {
        let place = *places.entry(gist(line)).or_insert(kept.len());
        match kept.get_mut(place) {
            Some((_, more)) => *more += 1,
            None => kept.push((line, 0)),
        }
    }
    let said: Vec<String> = kept
        .into_iter()
        .map(|(line, more)| if more == 0 { line.to_owned() } else { format!("{line} … and {more} more like it") })
        .collect();
    said.join("; ")
}

/// Whom a line is about, as `'Film.mkv' track 2: ` says, and the rest without its numbers.
fn gist(line: &str) -> (&str, String) {
    let (about, rest) = line.split_once(": ").unwrap_or(("", line));
    (about, rest.chars().filter(|c| !c.is_ascii_digit()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_for_each_block_is_said_once() {
        let blocks =
            (0..1000).map(|block| format!("'a.mkv' track 1: The block at {block} ms is damaged; skipping it."));
        let lines: Vec<String> = blocks.chain(["'a.mkv' track 2: The block at 7 ms is damaged.".to_owned()]).collect();

        let said = in_short(lines.iter().map(String::as_str));

        assert_eq!(
            said,
            "'a.mkv' track 1: The block at 0 ms is damaged; skipping it. … and 999 more like it; \
             'a.mkv' track 2: The block at 7 ms is damaged."
        );
    }

    #[test]
    fn what_is_said_once_stays_as_it_is() {
        assert_eq!(
            in_short(["No space left on device", "", " Conversion failed!"]),
            "No space left on device; Conversion failed!"
        );
        assert_eq!(in_short([]), "");
    }
}
