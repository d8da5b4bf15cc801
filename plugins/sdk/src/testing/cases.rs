//! The cases that `vpo plugins try` asks a component about, asked natively.

use std::fs;
use std::path::Path;

use super::build::{TrackBuilder, attachment, audio, chapter, facts, file_tag, other, subtitle, video};
use super::written::{block, canonical_language};
use super::{context, kinds};
use crate::facts::{Attachment, Chapter, Facts, Tag};
use crate::options::parse;
use crate::plugin::check;
use crate::policy::{Context, Failure};
use crate::types::{Node, Value};
use crate::{Plugin, Policy};

/// Asserts that a policy answers every case in a folder as the case expects.
///
/// # Panics
///
/// When it does not, naming the case; when a case is mistaken; when there is none.
pub fn assert_cases<P: Policy>(folder: impl AsRef<Path>) {
    let folder = folder.as_ref();
    let entries = fs::read_dir(folder).unwrap_or_else(|wrong| panic!("{}: {wrong}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a folder that is listed can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "kdl"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no cases", folder.display());
    for path in paths {
        let text = fs::read_to_string(&path).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
        assert_case::<P>(&path.display().to_string(), &text);
    }
}

/// Asserts that a policy answers one case as the case expects.
///
/// # Panics
///
/// When it does not, and when the case is mistaken.
pub fn assert_case<P: Policy>(name: &str, text: &str) {
    let case = Case::read::<P>(name, text);
    let problems = check::<P>(&case.options);
    assert!(problems.is_empty(), "{name}: the options are wrong: {problems:?}");
    let options: P::Options = parse(&case.options).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    let answer = match P::evaluate(&options, &case.context, &case.facts) {
        Ok(verdict) => {
            let mut answer = kinds(&verdict);
            answer.extend(verdict.stop.map(|_| "stop".to_owned()));
            answer
        }
        Err(Failure::Refused(_)) => vec!["refused".to_owned()],
        Err(Failure::Unsupported(_)) => vec!["unsupported".to_owned()],
    };
    if let Some(expected) = case.expected {
        assert_eq!(answer, expected, "{name}: the answer on the left, what is expected on the right");
    }
}

/// What a policy is told beside the facts of a case: what `vpo plugins try` tells it, so that both halves of a test agree.
fn context_of_a_case() -> Context {
    const ALLOWED: [&str; 12] = [
        "convert-container",
        "remove-track",
        "remove-attachment",
        "remove-chapters",
        "transcode-track",
        "reorder",
        "set-flag",
        "set-language",
        "set-track-title",
        "set-title",
        "set-tag",
        "move-file",
    ];
    Context { today: "2024-02-29".into(), allowed: ALLOWED.map(str::to_owned).into(), ..context() }
}

struct Case {
    options: Vec<Node>,
    context: Context,
    facts: Facts,
    expected: Option<Vec<String>>,
}

impl Case {
    fn read<P: Plugin>(name: &str, text: &str) -> Self {
        let (top, options) = block::<P>(text, "options");
        let (mut context, mut tracks, mut expected) = (context_of_a_case(), Vec::new(), None);
        let (mut title, mut container, mut partial) = (None, None, None);
        let (mut attachments, mut tags, mut chapters) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_film = false;
        for node in top {
            let words: Vec<String> = node.arguments.iter().filter_map(text_of).collect();
            let word = |at: usize| words.get(at).cloned();
            match node.name.as_str() {
                "options" => {}
                "expect" => expected.get_or_insert_with(Vec::new).extend(words),
                "track" => tracks.push(track(name, &node, &words)),
                "attachment" => attachments.push((word(0).unwrap_or_default(), word(1))),
                "tag" => tags.push(tag(name, &node, &words)),
                "chapter" => {
                    let start_ns = chapters.len() as u64 * 300_000_000_000;
                    chapters.push(Chapter { title: word(0), ..chapter(start_ns) });
                }
                "file" => {
                    is_film |= word(0).is_some();
                    context.file_name = word(0).unwrap_or(context.file_name);
                    for property in &node.properties {
                        match (property.name.as_str(), &property.value) {
                            ("title", Value::Text(text)) => title = Some(text.clone()),
                            ("container", Value::Text(text)) => container = Some(text.clone()),
                            ("partial", Value::Text(text)) => partial = Some(text.clone()),
                            ("size", Value::Integer(size)) if *size >= 0 => context.size = size.unsigned_abs(),
                            (other, value) => panic!("{name}: file has no {other} = {value:?}"),
                        }
                    }
                }
                other => panic!("{name}: no case for a policy has {other:?}"),
            }
        }
        assert!(is_film || !tracks.is_empty(), "{name}: a case for a policy has tracks, or a file");
        let mut facts = facts(tracks);
        facts.title = title;
        facts.partial = partial;
        facts.container = container.unwrap_or(facts.container);
        facts.tags = tags;
        facts.chapters = chapters;
        facts.attachments = attachments
            .into_iter()
            .zip(0..)
            .map(|((name, media_type), id)| {
                let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                let is_cover = media_type.starts_with("image/");
                Attachment { is_cover, ..attachment(id, &name, &media_type) }
            })
            .collect();
        Self { options, context, facts, expected }
    }
}

fn tag(case: &str, node: &Node, words: &[String]) -> Tag {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let mut tag = file_tag(word(0), word(1));
    for property in &node.properties {
        match (property.name.as_str(), &property.value) {
            ("track", Value::Integer(track)) if u32::try_from(*track).is_ok() => tag.track = u32::try_from(*track).ok(),
            ("language", Value::Text(text)) => tag.language = Some(text.clone()),
            (other, value) => panic!("{case}: a tag has no {other} = {value:?}"),
        }
    }
    tag
}

fn track(case: &str, node: &Node, words: &[String]) -> TrackBuilder {
    let codec = words.get(1).map(String::as_str);
    let mut track = match words.first().map(String::as_str) {
        Some("video") => video(codec.unwrap_or("h264")),
        Some("audio") => audio("und").codec(codec.unwrap_or("aac")),
        Some("subtitle") => subtitle("und").codec(codec.unwrap_or("subrip")),
        Some("other") => other(codec.unwrap_or_default()),
        kind => panic!("{case}: {kind:?} is no kind of track"),
    };
    for property in &node.properties {
        let number = |value: &i64| {
            u32::try_from(*value).unwrap_or_else(|_| panic!("{case}: {} = {value} is out of range", property.name))
        };
        track = match (property.name.as_str(), &property.value) {
            ("language", Value::Text(text)) => track.language(&canonical_language(text)),
            ("title", Value::Text(text)) => track.title(text),
            ("channels", Value::Integer(channels)) => track.channels(number(channels)),
            ("width", Value::Integer(width)) => track.width(number(width)),
            ("height", Value::Integer(height)) => track.height(number(height)),
            ("bit-rate", Value::Integer(rate)) => {
                let rate = u64::try_from(*rate);
                track.bit_rate(rate.unwrap_or_else(|_| panic!("{case}: bit-rate = {rate:?} is out of range")))
            }
            (flag, Value::Boolean(is_set)) => {
                track.flag(flag, *is_set).unwrap_or_else(|| panic!("{case}: no flag is {flag}"))
            }
            (other, value) => panic!("{case}: a track has no {other} = {value:?}"),
        };
    }
    track
}

fn text_of(value: &Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text.clone()) } else { None }
}
