//! Tags as a person wants to read them: what a muxer counted is one line a track, and what several tracks say is said once.

use std::collections::{BTreeMap, HashMap};

use vpo::media::{Facts, Tag};

use super::facts::{bit_rate, bytes, visible};
use super::plan::of;

/// The tags of a file, one a line.
pub fn lines(facts: &Facts) -> Vec<String> {
    let mut counted: BTreeMap<u32, Vec<&Tag>> = BTreeMap::new();
    let mut written = Vec::new();
    for tag in &facts.tags {
        match tag.track.filter(|_| is_statistic(&tag.name)) {
            Some(track) => counted.entry(track).or_default().push(tag),
            None => written.push(tag),
        }
    }
    let mut lines = Vec::new();
    if !written.is_empty() {
        lines.push(of(written.len(), "tag", "tags"));
        lines.extend(alike(&written).into_iter().map(|(tracks, tag)| {
            let (name, value) = (visible(&tag.name, 60), visible(&tag.value, 100));
            format!("  {}{name}: {value}", owners(&tracks))
        }));
    }
    let statistics: Vec<String> = counted.into_iter().filter_map(|(track, tags)| statistics(track, &tags)).collect();
    if !statistics.is_empty() {
        lines.push("counted by the muxer".to_owned());
        lines.extend(statistics);
    }
    lines
}

/// Whether a tag is one of those that mkvmerge writes of every track.
fn is_statistic(name: &str) -> bool {
    name.starts_with("_STATISTICS_")
        || matches!(base(name), "BPS" | "DURATION" | "NUMBER_OF_FRAMES" | "NUMBER_OF_BYTES")
}

/// A name without the language that some versions put behind it: `BPS-eng`.
fn base(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

fn statistics(track: u32, counted: &[&Tag]) -> Option<String> {
    let value = |name: &str| counted.iter().find(|tag| base(&tag.name) == name).map(|tag| tag.value.as_str());
    let number = |name: &str| value(name).and_then(|value| value.parse::<u64>().ok());
    let said: Vec<String> = [
        number("BPS").map(|rate| bit_rate(rate as f64)),
        value("DURATION").map(|duration| visible(duration.split_once('.').map_or(duration, |(whole, _)| whole), 20)),
        number("NUMBER_OF_FRAMES").map(|frames| of(frames as usize, "frame", "frames")),
        number("NUMBER_OF_BYTES").map(bytes),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| format!("  track {track} {}", said.join(", ")))
}

/// Tags with the tracks that have them, in the order of the file.
fn alike<'a>(tags: &[&'a Tag]) -> Vec<(Vec<Option<u32>>, &'a Tag)> {
    let mut groups: Vec<(Vec<Option<u32>>, &Tag)> = Vec::new();
    let mut places = HashMap::new();
    for tag in tags {
        let place = *places.entry((&tag.name, &tag.value)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((tracks, _)) => tracks.push(tag.track),
            None => groups.push((vec![tag.track], tag)),
        }
    }
    groups
}

/// Whose a tag is: `tracks 1 to 5, 9 `; nothing when it is the file's.
fn owners(tracks: &[Option<u32>]) -> String {
    let mut known: Vec<u32> = tracks.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    let runs: Vec<String> = known
        .chunk_by(|one, next| one + 1 == *next)
        .map(|run| match run {
            [only] => only.to_string(),
            [one, other] => format!("{one}, {other}"),
            [first, .., last] => format!("{first} to {last}"),
            [] => unreachable!("a run has something in it"),
        })
        .collect();
    let of_tracks = match known.len() {
        0 => String::new(),
        1 => format!("track {} ", runs.join(", ")),
        _ => format!("tracks {} ", runs.join(", ")),
    };
    match (tracks.iter().filter(|track| track.is_none()).count(), known.is_empty()) {
        (0, _) | (1, true) => of_tracks,
        (times, true) => format!("{times} times "),
        (_, false) => format!("file and {of_tracks}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(track: Option<u32>, name: &str, value: &str) -> Tag {
        Tag { track, name: name.to_owned(), value: value.to_owned(), language: None }
    }

    fn told(tags: Vec<Tag>) -> Vec<String> {
        lines(&Facts { tags, ..Facts::default() })
    }

    #[test]
    fn what_a_muxer_counted_is_a_line_a_track() {
        let counted = |track| {
            [
                tag(Some(track), "BPS", "128000"),
                tag(Some(track), "DURATION", "00:00:04.000000000"),
                tag(Some(track), "NUMBER_OF_FRAMES", "1"),
                tag(Some(track), "NUMBER_OF_BYTES", "64000"),
                tag(Some(track), "_STATISTICS_WRITING_APP", "mkvmerge"),
                tag(Some(track), "_STATISTICS_TAGS", "BPS DURATION"),
            ]
        };

        let of_the_file = [tag(None, "DURATION", "of the whole")];
        let told = told([&counted(0)[..], &of_the_file, &counted(1)].concat());

        assert_eq!(
            told,
            [
                "1 tag",
                "  DURATION: of the whole",
                "counted by the muxer",
                "  track 0 128 kbit/s, 00:00:04, 1 frame, 62.5 KiB",
                "  track 1 128 kbit/s, 00:00:04, 1 frame, 62.5 KiB",
            ]
        );
    }

    #[test]
    fn what_several_say_is_said_once() {
        let mut tags = vec![tag(None, "ARTIST", "Nobody"), tag(None, "GENRE", "Drama"), tag(None, "GENRE", "Drama")];
        tags.extend([1, 2, 3, 7].map(|track| tag(Some(track), "ENCODER", "Lavc aac")));
        tags.extend([None, Some(1)].map(|track| tag(track, "COMMENT", "both")));

        assert_eq!(
            told(tags),
            [
                "9 tags",
                "  ARTIST: Nobody",
                "  2 times GENRE: Drama",
                "  tracks 1 to 3, 7 ENCODER: Lavc aac",
                "  file and track 1 COMMENT: both",
            ]
        );
    }
}
