//! What plans come to in all: counted while they are made, told before the single files.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vpo::library::{Choice, Outcome, PlannedFile};
use vpo::media::TrackKind;
use vpo::plan::{Action, ActionKind};
use vpo::settings::Backup;
use vpo::tools::Work;

use super::Screen;
use super::facts::bytes;
use super::plan::of;

/// Languages that are named of the tracks that would go; of more, the number is enough.
const MOST_LANGUAGES: usize = 8;

/// What planning came to, counted while it goes on.
#[derive(Debug, Default)]
pub struct Counts {
    pub files: usize,
    pub to_change: usize,
    pub refused: usize,
    pub removes_or_encodes: usize,
    /// Files in whose way something stands now, so that an apply would fail with them, or skip them.
    pub would_fail: usize,
    pub would_skip: usize,
    /// Recorded files that no plan is made for, because they could not be read.
    pub unreadable: usize,
    steps: BTreeMap<ActionKind, Count>,
    /// Of each way of working: files and bytes.
    runs: BTreeMap<Way, (usize, u64)>,
    /// Tracks that go, by kind and language.
    removed: BTreeMap<(TrackKind, String), usize>,
    /// Refused files, by the code of the reason.
    reasons: BTreeMap<String, usize>,
    /// Files in whose way something stands, by its code.
    obstacles: BTreeMap<String, usize>,
    renamed: usize,
}

#[derive(Debug, Default)]
struct Count {
    files: usize,
    steps: usize,
}

/// The ways of working that differ in what they cost, the cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Edit,
    Copy,
    Encode,
}

impl Counts {
    pub fn add(&mut self, planned: &PlannedFile) {
        self.files += 1;
        if let Some(refused) = &planned.refused {
            self.refused += 1;
            *self.reasons.entry(refused.code.clone()).or_default() += 1;
            return;
        }
        if planned.plan.is_empty() {
            return;
        }
        if let Some(obstacle) = &planned.obstacle {
            let would = if obstacle.outcome == Outcome::Skipped { &mut self.would_skip } else { &mut self.would_fail };
            *would += 1;
            *self.obstacles.entry(obstacle.why.code.clone()).or_default() += 1;
            return;
        }
        self.to_change += 1;
        self.removes_or_encodes += usize::from(planned.plan.loses_content());
        self.renamed += usize::from(planned.target.is_some());
        for kind in ActionKind::ALL {
            let steps = planned.plan.steps.iter().filter(|step| step.action.kind() == kind).count();
            if steps > 0 {
                let count = self.steps.entry(kind).or_default();
                count.files += 1;
                count.steps += steps;
            }
        }
        if let Some(way) = planned.runs.iter().map(|run| Way::of(run.work)).max() {
            let (files, bytes) = self.runs.entry(way).or_default();
            *files += 1;
            *bytes += planned.runs.iter().map(|run| run.bytes).sum::<u64>();
        }
        for action in planned.plan.actions() {
            if let Action::RemoveTrack { track } = action
                && let Some(track) = planned.facts.find_track(*track)
            {
                *self.removed.entry((track.kind(), track.language.tag.clone())).or_default() += 1;
            }
        }
    }

    pub fn json(&self) -> Value {
        let steps: serde_json::Map<String, Value> = self
            .steps
            .iter()
            .map(|(kind, count)| (kind.name().to_owned(), json!({ "files": count.files, "steps": count.steps })))
            .collect();
        let removed: serde_json::Map<String, Value> = self
            .removed
            .iter()
            .map(|((kind, language), count)| (format!("{language} {}", kind.name()), json!(count)))
            .collect();
        json!({
            "files": self.files,
            "to_change": self.to_change,
            "refused": self.refused,
            "refused_by": self.reasons,
            "would_fail": self.would_fail,
            "would_skip": self.would_skip,
            "obstacles": self.obstacles,
            "unreadable": self.unreadable,
            "steps": steps,
            "runs": self.runs.values().map(|(files, _)| files).sum::<usize>(),
            "bytes": self.bytes(),
            "removed": removed,
        })
    }

    fn bytes(&self) -> u64 {
        self.runs.values().map(|(_, bytes)| bytes).sum()
    }

    /// `12 audio (8 de, 4 fr), 3 subtitle (3 de)`.
    fn removed_in_words(&self) -> String {
        let mut kinds: BTreeMap<TrackKind, Vec<(&str, usize)>> = BTreeMap::new();
        for ((kind, language), count) in &self.removed {
            kinds.entry(*kind).or_default().push((language, *count));
        }
        let words = kinds.into_iter().map(|(kind, mut languages)| {
            languages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let total: usize = languages.iter().map(|(_, count)| count).sum();
            let named = languages.iter().take(MOST_LANGUAGES).map(|(language, count)| format!("{count} {language}"));
            let mut named: Vec<String> = named.collect();
            if languages.len() > MOST_LANGUAGES {
                let others: usize = languages[MOST_LANGUAGES..].iter().map(|(_, count)| count).sum();
                named.push(format!("{others} other"));
            }
            format!("{total} {} ({})", kind.name(), named.join(", "))
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Way {
    fn of(work: Work) -> Self {
        match work {
            Work::EditHeader => Self::Edit,
            Work::Remux | Work::CopyTracks => Self::Copy,
            Work::EncodeTracks | Work::Encode => Self::Encode,
        }
    }

    fn in_words(self, files: usize) -> String {
        let (are, them) = if files == 1 { ("is", "it") } else { ("are", "they") };
        match self {
            Self::Edit => format!("{are} edited where {them} {}", if files == 1 { "lies" } else { "lie" }),
            Self::Copy => format!("{are} copied into a new file, nothing encoded"),
            Self::Encode => format!("{are} copied into a new file, tracks encoded on the way"),
        }
    }
}

/// What would happen in all.
pub fn show_summary(choice: &Choice, counts: &Counts, screen: &Screen) {
    let label = choice.profile.label();
    match counts.to_change {
        0 if counts.would_fail + counts.would_skip > 0 => {
            screen.say(format!("{label}: would change none of {}", of(counts.files, "file", "files")));
        }
        0 => {
            let in_line = of(counts.files - counts.refused, "file", "files");
            screen.say(format!("{label}: {in_line} in line, nothing to change"));
        }
        some => screen.say(format!("{label}: would change {some} of {}", of(counts.files, "file", "files"))),
    }
    for (kind, count) in &counts.steps {
        screen.say(format!("  {:18} {}", kind.name(), kind_in_words(*kind, count, counts)));
    }
    if !counts.runs.is_empty() {
        screen.say("");
    }
    for (way, (files, total)) in &counts.runs {
        let what = format!("{} {}", of(*files, "file", "files"), way.in_words(*files));
        screen.say(format!("  {what}: about {} to write", bytes(*total)));
    }
    if counts.renamed > 0 {
        screen.say(format!("  {} another name or place", of(counts.renamed, "file gets", "files get")));
    }
    if counts.removes_or_encodes > 0 {
        screen.say(match choice.settings.apply.backup.value {
            Backup::Keep => "  the originals are kept, hidden beside the films; `vpo undo` brings them back",
            Backup::None => "  the originals are not kept: what is removed or encoded cannot be brought back",
        });
    }
    for (code, count) in &counts.reasons {
        let files = of(*count, "file", "files");
        screen.say(format!("  {files} refused, {}: see below", refusal_in_words(code)));
    }
    for (code, count) in &counts.obstacles {
        let files = of(*count, "file", "files");
        let now = if code == "READ_ONLY_CONTAINER" { "" } else { " now" };
        screen.say(format!("  {files} cannot be changed{now}, {}: see below", obstacle_in_words(code)));
    }
    if counts.unreadable > 0 {
        let files = of(counts.unreadable, "file", "files");
        screen.say(format!("  {files} left out, because they could not be read; `vpo scan` says why"));
    }
}

fn kind_in_words(kind: ActionKind, count: &Count, counts: &Counts) -> String {
    let files = of(count.files, "file", "files");
    let tracks = of(count.steps, "track", "tracks");
    match kind {
        ActionKind::ConvertContainer => format!("put {files} into another container"),
        ActionKind::RemoveTrack => format!("remove {tracks} from {files}: {}", counts.removed_in_words()),
        ActionKind::RemoveAttachment => {
            format!("remove {} from {files}", of(count.steps, "attachment", "attachments"))
        }
        ActionKind::RemoveChapters => format!("remove the chapters from {files}"),
        ActionKind::TranscodeTrack => format!("encode {tracks} anew in {files}"),
        ActionKind::Reorder => format!("put the tracks of {files} into another order"),
        ActionKind::SetFlag => format!("set or clear {} in {files}", of(count.steps, "flag", "flags")),
        ActionKind::SetLanguage => format!("set the language of {tracks} in {files}"),
        ActionKind::SetTrackTitle => format!("set the title of {tracks} in {files}"),
        ActionKind::SetTitle => format!("set the title of {files}"),
        ActionKind::SetTag => format!("set {} in {files}", of(count.steps, "tag", "tags")),
        ActionKind::MoveFile => format!("move {files} to another place"),
    }
}

fn refusal_in_words(code: &str) -> &'static str {
    match code {
        "NOT_ALLOWED" => "because the profile does not allow a step",
        "NOT_CONVERGENT" => "because the plan would never come to rest",
        "POLICY_REFUSES" => "because a policy wants a person to look",
        "POLICY_UNSUPPORTED" => "because a policy cannot work on such a file",
        "POLICY_FAILED" | "BAD_STEP" => "because a policy failed",
        "UNSUPPORTED" => "because no tool can carry it out",
        "REFUSED" => "because something would be lost that must stay",
        "DAMAGED" => "because they are not whole and a copy would pass for whole",
        _ => "for other reasons",
    }
}

fn obstacle_in_words(code: &str) -> &'static str {
    match code {
        "ROOT_OFFLINE" => "because the disk is offline",
        "HARD_LINKED" => "because of other names (hard links)",
        "SYMBOLIC_LINK" => "because of a symbolic link",
        "TARGET_EXISTS" => "because another file has the new name",
        "READ_ONLY" => "because the folder is read-only",
        "READ_ONLY_CONTAINER" => "because vpo does not write such containers",
        "STALE" => "because of changes since the scan",
        "DAMAGED" => "because of damage",
        _ => "for other reasons",
    }
}
