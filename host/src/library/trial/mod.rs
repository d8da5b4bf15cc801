//! Trying a plugin out: one call on a case that its author wrote, or on a media file, and what it answered.
//!
//! Nothing is trusted, recorded or carried out. The answer comes as short lines, the same that a case expects, with the
//! reasons beside them.

mod case;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use self::case::{Case, Sighted, Subject};
use super::prepare::specs;
use super::{Library, options_of};
use crate::disk::{self, Links};
use crate::kdl_read::{Base, Document, Mistakes};
use crate::media::{Details, Facts, Track};
use crate::plan::{Action, Context, Grants, Reason, Verdict};
use crate::plugins::detector::{Comparison, Evidence, Sighting, Standing};
use crate::plugins::{CallError, Kind, NoVerdict, Node, Plugin, PluginError};
use crate::profile::OptionNodes;

/// What a plugin answered to one file.
pub struct Tried {
    /// The case or the media file.
    pub file: PathBuf,
    pub answer: Vec<Answered>,
    /// The lines that its case expects.
    pub expected: Option<Vec<String>>,
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// In the words of cases: `remove-track 2`, `changed`, `track 0 video h264`.
    pub line: String,
    /// The reason, or what a person would want to know beside the line.
    pub note: Option<String>,
    /// It is beside the answer: left alone, a warning. No case expects it.
    pub is_aside: bool,
}

impl Tried {
    /// The lines that a case can expect.
    pub fn lines(&self) -> Vec<&str> {
        self.answer.iter().filter(|answered| !answered.is_aside).map(|answered| answered.line.as_str()).collect()
    }

    /// Whether the answer is what the case expects; a file without expectations always is.
    pub fn is_as_expected(&self) -> bool {
        self.expected.as_ref().is_none_or(|expected| *expected == self.lines())
    }
}

/// Why a plugin could not be tried on a file.
#[derive(Debug, Error)]
pub enum TrialError {
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("cannot read {path}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is mistaken")]
    Mistaken { path: PathBuf, mistakes: Mistakes },
    #[error("{plugin} is no {needed}, and {path} is a case for one")]
    OtherKind { plugin: String, needed: &'static str, path: PathBuf },
    #[error("{0} works on what was recorded, so it needs a case: a .kdl file with `now` and `recorded`")]
    NeedsCase(String),
    #[error("cannot read facts from {path}: {why}")]
    Unread { path: PathBuf, why: String },
}

/// A plugin and the options it is tried with when a file brings none.
pub struct Trial<'a> {
    library: &'a Library,
    plugin: Arc<Plugin>,
    options: Vec<Node>,
}

impl Library {
    /// Makes a plugin ready to be tried, with options as they would stand in its block of a profile.
    pub fn trial(&self, name: &str, options: Option<&str>) -> Result<Trial<'_>, TrialError> {
        let plugin = self.plugins().examine(&self.found(name)?)?;
        let mut trial = Trial { library: self, plugin, options: Vec::new() };
        let text = format!("options {{\n{}\n}}", options.unwrap_or_default());
        let base = Base { folder: self.places().working.clone(), home: None };
        let mistaken = |mistakes| TrialError::Mistaken { path: PathBuf::from("--options"), mistakes };
        let document = Document::parse("--options", text, base).map_err(mistaken)?;
        let block = document.nodes().next().expect("it was just written");
        let mut mistakes = Mistakes::default();
        let nodes = OptionNodes::read(block, block.place(), &mut mistakes);
        mistakes.into_result().map_err(mistaken)?;
        // Without any, a plugin that needs some can still be tried on cases, which bring their own.
        if options.is_some() {
            trial.options = trial.checked(&nodes, Path::new("--options"))?;
        }
        Ok(trial)
    }
}

impl Trial<'_> {
    /// Asks the plugin about one case or media file.
    pub fn on(&self, path: &Path) -> Result<Tried, TrialError> {
        let place = self.library.places().working.join(path);
        let (answer, expected) = if path.extension().is_some_and(|extension| extension == "kdl") {
            let text = std::fs::read_to_string(&place)
                .map_err(|source| TrialError::Unreadable { path: path.to_owned(), source })?;
            let folder = place.parent().unwrap_or(Path::new("."));
            let case = Case::read(&path.to_string_lossy(), &text, folder)
                .map_err(|mistakes| TrialError::Mistaken { path: path.to_owned(), mistakes })?;
            let options = self.checked(&case.options, path)?;
            let answer = match &case.subject {
                Subject::Film(film) => {
                    self.must_be(Kind::Policy, path)?;
                    self.policy(options, &film.0, &film.1)?
                }
                Subject::Sighting(sighted) => {
                    self.must_be(Kind::Detector, path)?;
                    self.detector(options, sighted)?
                }
                Subject::Media(media) => {
                    self.must_be(Kind::Introspector, path)?;
                    self.introspector(options, media)?
                }
            };
            (answer, case.expected)
        } else if self.is(Kind::Policy) {
            let facts = self.facts(&place, path)?;
            let size = std::fs::metadata(&place).map_or(0, |meta| meta.len());
            let context = Context {
                today: chrono::Utc::now().format("%Y-%m-%d").to_string(),
                file_name: place.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                size,
                allowed: Grants::everything().names(),
                ..Context::default()
            };
            (self.policy(self.options.clone(), &context, &facts)?, None)
        } else if self.is(Kind::Introspector) {
            (self.introspector(self.options.clone(), &place)?, None)
        } else {
            return Err(TrialError::NeedsCase(self.plugin.name.to_string()));
        };
        Ok(Tried { file: path.to_owned(), answer, expected })
    }

    fn is(&self, kind: Kind) -> bool {
        self.plugin.anatomy.kinds.contains(&kind)
    }

    fn must_be(&self, kind: Kind, path: &Path) -> Result<(), TrialError> {
        if self.is(kind) {
            return Ok(());
        }
        let plugin = self.plugin.name.to_string();
        Err(TrialError::OtherKind { plugin, needed: kind.name(), path: path.to_owned() })
    }

    /// The options as the plugin gets them, checked as those of a profile are.
    fn checked(&self, options: &OptionNodes, path: &Path) -> Result<Vec<Node>, TrialError> {
        let mut mistakes = Mistakes::default();
        let checked = options.checked(&self.plugin.name, &specs(&self.plugin.describe()?), &mut mistakes);
        let nodes = options_of(&checked);
        if mistakes.is_empty() {
            let problems = self.plugin.check(&nodes)?;
            options.add_problems(problems.into_iter().map(|problem| (problem.node, problem.message)), &mut mistakes);
        }
        mistakes.into_result().map_err(|mistakes| TrialError::Mistaken { path: path.to_owned(), mistakes })?;
        Ok(nodes)
    }

    fn policy(&self, options: Vec<Node>, context: &Context, facts: &Facts) -> Result<Vec<Answered>, TrialError> {
        let mut policy = self.plugin.policy(options)?;
        match policy.evaluate(context, facts) {
            Ok(verdict) => Ok(of_verdict(verdict)),
            Err(NoVerdict::Refused { why, .. }) => Ok(vec![noted("refused", Some(why))]),
            Err(NoVerdict::Unsupported { why, .. }) => Ok(vec![noted("unsupported", Some(why))]),
            Err(NoVerdict::Call(error)) => Err(error.into()),
        }
    }

    fn introspector(&self, options: Vec<Node>, media: &Path) -> Result<Vec<Answered>, TrialError> {
        let unreadable = |source| TrialError::Unreadable { path: media.to_owned(), source };
        let file = disk::open_file(media, Links::Follow).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut reader = self.plugin.introspector(options)?;
        Ok(match reader.read(&Arc::new(file), size, media.to_owned()).0 {
            Ok(facts) => of_facts(&facts),
            Err(crate::plugins::Unread::Call(error)) => return Err(error.into()),
            Err(why) => vec![noted("unread", Some(why.to_string()))],
        })
    }

    fn detector(&self, options: Vec<Node>, sighted: &Sighted) -> Result<Vec<Answered>, TrialError> {
        let mut detector = self.plugin.detector(options)?;
        let mut sighting = Sighting {
            file: 1,
            now: sighted.now,
            recorded: sighted.recorded,
            recorded_at_ns: sighted.scan.started_ns - 60_000_000_000,
            reader_is_current: sighted.reader_is_current,
            sample: None,
            full: None,
        };
        let mut answer = Vec::new();
        loop {
            let standing = detector.detect(&sighted.scan, std::slice::from_ref(&sighting)).pop();
            let (line, note, evidence) = match standing.expect("one for each sighting")? {
                Standing::New => ("new", None, None),
                Standing::Same => ("same", None, None),
                Standing::Touched => ("touched", None, None),
                Standing::Changed(why) => ("changed", Some(why), None),
                Standing::Damaged => ("damaged", None, None),
                Standing::Undecided(evidence @ Evidence::Sample) => ("undecided sample", None, Some(evidence)),
                Standing::Undecided(evidence @ Evidence::Full) => ("undecided full", None, Some(evidence)),
            };
            answer.push(noted(line, note));
            // Asked again as a scan would, as long as there is something new to show.
            let Some((evidence, is_equal)) = evidence.and_then(|asked| Some((asked, sighted.evidence(asked)?))) else {
                return Ok(answer);
            };
            let shown = match evidence {
                Evidence::Sample => &mut sighting.sample,
                Evidence::Full => &mut sighting.full,
            };
            let comparison = Comparison { recorded: Some(vec![1; 32]), now: vec![if is_equal { 1 } else { 2 }; 32] };
            if shown.replace(comparison).is_some() {
                return Ok(answer);
            }
        }
    }

    /// The facts of a media file, read by the bundled introspectors.
    fn facts(&self, place: &Path, path: &Path) -> Result<Facts, TrialError> {
        let choice = self
            .library
            .choose(None, crate::settings::Layer::default())
            .map_err(|error| TrialError::Unread { path: path.to_owned(), why: error.to_string() })?;
        let readers = self.library.reader_choices(&choice, &Arc::new(self.library.tools(&choice.settings)));
        let mut found = None;
        self.library.inspect(&readers, &[place.to_owned()], |inspected| found = Some(inspected.facts))?;
        match found.expect("one answer for one file") {
            Ok(facts) => Ok(facts),
            Err(error) => Err(TrialError::Unread { path: path.to_owned(), why: error.to_string() }),
        }
    }
}

fn noted(line: impl Into<String>, note: Option<String>) -> Answered {
    Answered { line: line.into(), note, is_aside: false }
}

fn of_verdict(verdict: Verdict) -> Vec<Answered> {
    let because = |reason: Reason| Some(reason.text);
    let mut answer: Vec<Answered> =
        verdict.steps.into_iter().map(|step| noted(short(&step.action), because(step.reason))).collect();
    answer.extend(verdict.stop.map(|why| noted("stop", Some(why))));
    let aside = |line: String, note| Answered { line, note, is_aside: true };
    answer.extend(verdict.left_alone.into_iter().map(|left| {
        let subject = left.track.map_or_else(|| "the file".to_owned(), |track| format!("track {track}"));
        aside(format!("left alone: {subject}"), because(left.reason))
    }));
    answer.extend(verdict.warnings.into_iter().map(|warning| aside("warning".to_owned(), Some(warning.text))));
    answer
}

/// A step in the words of cases; the SDK's test kit writes the same.
fn short(action: &Action) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let kind = action.kind().name();
    match action {
        Action::SetFlag { track, flag, value } => format!("{kind} {track} {}={value}", flag.name()),
        Action::SetLanguage { track, language } => format!("{kind} {track} {language}"),
        Action::SetTrackTitle { track, title } => format!("{kind} {track} {}", text(title)),
        Action::SetTitle { title } => format!("{kind} {}", text(title)),
        Action::SetTag { name, value } => format!("{kind} {name} {}", text(value)),
        Action::Reorder { tracks } => {
            format!("{kind} {}", tracks.iter().map(u32::to_string).collect::<Vec<_>>().join(" "))
        }
        Action::RemoveTrack { track } => format!("{kind} {track}"),
        Action::RemoveAttachment { attachment } => format!("{kind} {attachment}"),
        Action::RemoveChapters => kind.to_owned(),
        Action::ConvertContainer { container } => format!("{kind} {container}"),
        Action::TranscodeTrack { track, codec, .. } => format!("{kind} {track} {codec}"),
        Action::MoveFile { path } => format!("{kind} {path}"),
    }
}

fn of_facts(facts: &Facts) -> Vec<Answered> {
    let mut answer = vec![noted(format!("container {}", facts.container), facts.partial.clone())];
    answer.extend(facts.title.iter().map(|title| noted(format!("title {title}"), None)));
    answer.extend(facts.duration_ns.map(|duration| noted(format!("duration {}", seconds(duration)), None)));
    answer.extend(facts.tracks.iter().map(|track| noted(track_line(track), None)));
    answer.extend(facts.chapters.iter().map(|chapter| {
        noted(format!("chapter {} {}", seconds(chapter.start_ns), chapter.title.as_deref().unwrap_or("-")), None)
    }));
    answer.extend(facts.attachments.iter().map(|file| noted(format!("attachment {}", file.name), None)));
    answer.extend(facts.tags.iter().map(|tag| noted(format!("tag {} {}", tag.name, tag.value), None)));
    let warning = |text: &String| Answered { line: "warning".into(), note: Some(text.clone()), is_aside: true };
    answer.extend(facts.warnings.iter().map(warning));
    answer
}

fn seconds(ns: u64) -> String {
    format!("{}.{:03}", ns / 1_000_000_000, ns / 1_000_000 % 1000)
}

/// `track 0 video rawvideo 640x360 25/1`, `track 1 audio ac3 en 6`.
fn track_line(track: &Track) -> String {
    let mut line = format!("track {} {} {}", track.id, track.kind().name(), track.codec);
    match &track.details {
        Details::Video(video) => {
            line.push_str(&format!(" {}x{}", video.width, video.height));
            if let Some(rate) = video.frame_rate {
                line.push_str(&format!(" {rate}"));
            }
        }
        Details::Audio(audio) => line.push_str(&format!(" {} {}", track.language.tag, audio.channels)),
        Details::Subtitle(_) => line.push_str(&format!(" {}", track.language.tag)),
        Details::Other => {}
    }
    if let Some(title) = &track.title {
        line.push_str(&format!(" {title:?}"));
    }
    line
}
