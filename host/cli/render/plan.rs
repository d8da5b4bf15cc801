//! Plans in words, file by file: how it is done, each step with its reason, and what there is afterwards.

use std::fmt::Display;

use vpo::library::{Outcome, PlannedFile};
use vpo::media::{Details, Facts, Track, TrackKind, text};
use vpo::plan::{Action, Reason, Step, TrackFlag};
use vpo::tools::{Run, Work};

use super::facts::bytes;
use super::tracks;

/// Tracks that are listed of what there will be; of more, the number is enough.
const MOST_TRACKS: usize = 12;

/// One file: how, what, and why. Nothing of a file that is in line.
pub fn file_in_words(planned: &PlannedFile) -> String {
    if !has_news(planned) {
        return String::new();
    }
    let mut words = format!("\n{}\n", text::path(&planned.file));
    steps_in_words(planned, &|_, _| None, &mut words);
    words
}

/// Whether there is anything to say of a file.
pub fn has_news(planned: &PlannedFile) -> bool {
    !planned.is_in_line() || !planned.plan.warnings.is_empty() || planned.plan.stopped.is_some()
}

/// What is said of the rule behind a reason of a policy, where there is anything.
pub type RuleInWords<'a> = dyn Fn(&str, &Reason) -> Option<String> + 'a;

/// How, what and why.
pub fn steps_in_words(planned: &PlannedFile, rule: &RuleInWords, words: &mut String) {
    let mut line = |text: String| {
        words.push_str("  ");
        words.push_str(&text);
        words.push('\n');
    };
    if let Some(refused) = &planned.refused {
        line(format!("refused: {}", text::visible(&refused.message)));
        if !planned.plan.is_empty() {
            line("what was wanted:".to_owned());
        }
    }
    if let Some(obstacle) = &planned.obstacle {
        let would = if obstacle.outcome == Outcome::Skipped { "would be skipped" } else { "would fail" };
        line(format!("{would}: {}", text::visible(&obstacle.why.message)));
        line("what is wanted:".to_owned());
    }
    for run in &planned.runs {
        line(how(run));
    }
    list(&planned.plan.steps, &planned.facts, rule).for_each(&mut line);
    if let Some(refused) = planned.refused.as_ref().filter(|refused| !refused.then.is_empty()) {
        line("what the policies answered when they were asked again:".to_owned());
        list(&refused.then, &planned.facts, rule).for_each(&mut line);
    }
    if planned.refused.is_none() {
        if !planned.runs.is_empty()
            && let Some(tracks) = afterwards(planned)
        {
            line(format!("afterwards: {tracks}"));
        }
        if let Some(target) = &planned.target {
            line(format!("becomes {}", text::path(target)));
        }
    }
    for warning in &planned.plan.warnings {
        line(format!("warning: {} [{}]", text::visible(&warning.text), warning.policy));
    }
    if let Some(stopped) = &planned.plan.stopped {
        line(format!("the policies after {} were not asked: {}", stopped.policy, text::visible(&stopped.text)));
    }
}

/// Each step, and below it why, where no policy asked for it.
pub fn what_and_why<'a>(steps: &'a [Step], facts: &'a Facts) -> impl Iterator<Item = String> + 'a {
    steps.iter().flat_map(|step| {
        let what = format!("- {}", in_words(&step.action, facts));
        [what, format!("    {}", text::visible(&step.reason.text))]
    })
}

/// A run: what is done, with which tool, and what it costs.
pub fn how(run: &Run) -> String {
    format!("{} with {}, about {} to write", work(run), run.tool, bytes(run.bytes))
}

/// Each step, and below it why.
fn list<'a>(steps: &'a [Step], facts: &'a Facts, rule: &'a RuleInWords) -> impl Iterator<Item = String> + 'a {
    steps.iter().flat_map(move |step| {
        let what = format!("- {}", in_words(&step.action, facts));
        let why = format!("    {} [{}]", text::visible(&step.reason.text), step.policy);
        let rule = rule(&step.policy, &step.reason).map(|rule| format!("    {rule}"));
        [what, why].into_iter().chain(rule)
    })
}

/// The tracks that there will be, where that is not plain: something goes, moves, or another track is the default.
fn afterwards(planned: &PlannedFile) -> Option<String> {
    let is_telling = |action: &Action| {
        matches!(
            action,
            Action::RemoveTrack { .. }
                | Action::Reorder { .. }
                | Action::ConvertContainer { .. }
                | Action::TranscodeTrack { .. }
                | Action::SetFlag { .. }
        )
    };
    if !planned.plan.actions().any(is_telling) {
        return None;
    }
    let after = planned.plan.applied_to(&planned.facts).ok()?;
    let mut words: Vec<String> = after.tracks.iter().take(MOST_TRACKS).map(in_short).collect();
    if after.tracks.len() > MOST_TRACKS {
        words.push(format!("and {} more", after.tracks.len() - MOST_TRACKS));
    }
    Some(words.join(", "))
}

/// `audio 2 (en, aac, default)`.
fn in_short(track: &Track) -> String {
    let mut words = vec![text::visible(&track.codec).into_owned()];
    if track.kind() != TrackKind::Video {
        words.insert(0, track.language.tag.clone());
    }
    let flags = [TrackFlag::Default, TrackFlag::Forced, TrackFlag::Commentary, TrackFlag::HearingImpaired];
    words.extend(flags.into_iter().filter(|flag| flag.of(&track.flags)).map(|flag| flag.name().to_owned()));
    // In MP4 this comes with not being the default.
    words.extend((!track.flags.enabled).then(|| "disabled".to_owned()));
    format!("{} {} ({})", track.kind().name(), track.id, words.join(", "))
}

/// An action in words.
pub fn in_words(action: &Action, facts: &Facts) -> String {
    let quoted = |title: &Option<String>| match title.as_deref() {
        None | Some("") => "nothing".to_owned(),
        Some(title) => format!("\"{}\"", text::visible(text::capped(title, 200))),
    };
    match action {
        Action::SetFlag { track, flag, value } => {
            format!("{} {flag} on {}", if *value { "set" } else { "clear" }, track_words(*track, facts))
        }
        Action::SetLanguage { track, language } => {
            format!("set the language to {language} on {}", track_words(*track, facts))
        }
        Action::SetTrackTitle { track, title } => {
            format!("set the title to {} on {}", quoted(title), track_words(*track, facts))
        }
        Action::SetTitle { title } => format!("set the title of the file to {}", quoted(title)),
        Action::SetTag { name, value } => format!("set the tag {} to {}", text::visible(name), quoted(value)),
        Action::Reorder { tracks } => {
            let order: Vec<String> = tracks.iter().map(|id| briefly(*id, facts)).collect();
            format!("put the tracks in the order {}", order.join(", "))
        }
        Action::RemoveTrack { track } => format!("remove {}", track_words(*track, facts)),
        Action::RemoveAttachment { attachment } => {
            let found = facts.attachments.iter().find(|known| known.id == *attachment);
            format!("remove the attachment {}", quoted(&found.map(|found| found.name.clone())))
        }
        Action::RemoveChapters => format!("remove {}", of(facts.chapters.len(), "chapter", "chapters")),
        Action::ConvertContainer { container } => format!("put it into {container}, from {}", facts.container),
        Action::TranscodeTrack { track, codec, bit_rate, channels, .. } => {
            let mut words = format!("encode {} as {codec}", track_words(*track, facts));
            if let Some(bit_rate) = bit_rate {
                words.push_str(&format!(", {} kbit/s", bit_rate / 1000));
            }
            if let Some(channels) = channels {
                words.push_str(&format!(", {}", of(*channels, "channel", "channels")));
            }
            words
        }
        Action::MoveFile { path } => format!("move it to {}", text::visible(path)),
    }
}

/// `audio track 2 (ja, aac, stereo, "Japanese")`.
pub fn track_words(id: u32, facts: &Facts) -> String {
    let Some(track) = facts.find_track(id) else { return format!("track {id}") };
    format!("{} track {id} ({})", track.kind().name(), details(track))
}

/// `audio 2 (ja)`.
fn briefly(id: u32, facts: &Facts) -> String {
    match facts.find_track(id) {
        Some(track) if track.kind() == TrackKind::Video => format!("video {id}"),
        Some(track) => format!("{} {id} ({})", track.kind().name(), track.language.tag),
        None => format!("track {id}"),
    }
}

fn details(track: &Track) -> String {
    let mut words = vec![track.language.tag.clone(), text::visible(&track.codec).into_owned()];
    match &track.details {
        Details::Video(video) => words.push(tracks::size(video)),
        Details::Audio(audio) => words.push(tracks::channels(audio)),
        Details::Subtitle(_) | Details::Other => {}
    }
    if let Some(title) = &track.title {
        words.push(format!("\"{}\"", text::visible(text::capped(title, 60))));
    }
    words.join(", ")
}

fn work(run: &Run) -> &'static str {
    match run.work {
        Work::EditHeader => "editing the header in place",
        Work::Remux => "copying into a new file",
        Work::CopyTracks => "taking the tracks out",
        Work::EncodeTracks => "encoding tracks",
        Work::Encode => "copying into a new file, tracks encoded",
    }
}

/// A number with the name of what is counted.
pub fn of<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let name = if count == N::from(1) { one } else { many };
    format!("{count} {name}")
}
