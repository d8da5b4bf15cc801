//! A verdict in the making: change the facts, and the steps follow.
//!
//! A policy sets what it wants; steps come out only for what differs from the facts it was given, so that a file in line
//! has an empty plan. What is set twice counts as it was set last.

use std::borrow::Cow;

use crate::facts::Facts;
use crate::outcome::{apply, settle};
use crate::policy::{
    Action, LeftAlone, Reason, SetFlag, SetLanguage, SetTag, SetTrackTitle, Step, TrackFlag, TranscodeTrack, Verdict,
};
use crate::tracks::{FLAGS, TrackExt};

/// What a reason is about.
#[derive(Debug, Clone, PartialEq)]
enum Subject {
    Flag(u32, TrackFlag),
    Language(u32),
    TrackTitle(u32),
    Title,
    Tag(String),
    Track(u32),
    Attachment(u32),
    Chapters,
    Order,
    Container,
    Transcode(u32),
}

/// Facts as given, facts as wanted, and why.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    before: &'a Facts,
    /// Its own only once something differs: most files are in line, and copying facts is most of the work.
    after: Cow<'a, Facts>,
    reasons: Vec<(Subject, Reason)>,
    transcodes: Vec<TranscodeTrack>,
    /// Where the file is to be, and why.
    destination: Option<(String, Reason)>,
    left_alone: Vec<LeftAlone>,
    warnings: Vec<String>,
    stop: Option<String>,
}

impl<'a> Draft<'a> {
    pub fn new(facts: &'a Facts) -> Self {
        Self {
            before: facts,
            after: Cow::Borrowed(facts),
            reasons: Vec::new(),
            transcodes: Vec::new(),
            destination: None,
            left_alone: Vec::new(),
            warnings: Vec::new(),
            stop: None,
        }
    }

    /// The facts as given.
    pub fn before(&self) -> &'a Facts {
        self.before
    }

    /// The facts as they are wanted so far.
    pub fn facts(&self) -> &Facts {
        &self.after
    }

    pub fn set_flag(&mut self, track: u32, flag: TrackFlag, value: bool, reason: Reason) {
        let known = self.after.tracks.iter().any(|known| known.id == track && known.has_flag(flag) == value);
        if !known {
            self.change(Subject::Flag(track, flag), Action::SetFlag(SetFlag { track, flag, value }), reason);
        }
    }

    /// Sets the language to a canonical tag.
    pub fn set_language(&mut self, track: u32, language: &str, reason: Reason) {
        let known = self.after.tracks.iter().any(|known| known.id == track && known.language.tag == language);
        if !known {
            let action = Action::SetLanguage(SetLanguage { track, language: language.to_owned() });
            self.change(Subject::Language(track), action, reason);
        }
    }

    /// Sets the title of a track; `None` removes it.
    pub fn set_track_title(&mut self, track: u32, title: Option<&str>, reason: Reason) {
        let known = self.after.tracks.iter().any(|known| known.id == track && known.title.as_deref() == title);
        if !known {
            let action = Action::SetTrackTitle(SetTrackTitle { track, title: title.map(str::to_owned) });
            self.change(Subject::TrackTitle(track), action, reason);
        }
    }

    /// Sets the title of the file; `None` removes it.
    pub fn set_title(&mut self, title: Option<&str>, reason: Reason) {
        if self.after.title.as_deref() != title {
            self.change(Subject::Title, Action::SetTitle(title.map(str::to_owned)), reason);
        }
    }

    /// Sets a tag of the file; `None` removes it.
    pub fn set_tag(&mut self, name: &str, value: Option<&str>, reason: Reason) {
        let same: Vec<_> = file_tag(&self.after, name).collect();
        if same.len() == usize::from(value.is_some()) && same.first().copied() == value {
            return;
        }
        let action = Action::SetTag(SetTag { name: name.to_owned(), value: value.map(str::to_owned) });
        self.change(Subject::Tag(name.to_ascii_lowercase()), action, reason);
    }

    pub fn remove_track(&mut self, track: u32, reason: Reason) {
        self.change(Subject::Track(track), Action::RemoveTrack(track), reason);
    }

    pub fn remove_attachment(&mut self, attachment: u32, reason: Reason) {
        self.change(Subject::Attachment(attachment), Action::RemoveAttachment(attachment), reason);
    }

    pub fn remove_chapters(&mut self, reason: Reason) {
        self.change(Subject::Chapters, Action::RemoveChapters, reason);
    }

    /// Puts the remaining tracks in this order.
    pub fn reorder(&mut self, tracks: Vec<u32>, reason: Reason) {
        self.change(Subject::Order, Action::Reorder(tracks), reason);
    }

    pub fn convert_container(&mut self, container: &str, reason: Reason) {
        self.change(Subject::Container, Action::ConvertContainer(container.to_owned()), reason);
    }

    pub fn transcode_track(&mut self, transcode: TranscodeTrack, reason: Reason) {
        self.change(Subject::Transcode(transcode.track), Action::TranscodeTrack(transcode.clone()), reason);
        self.transcodes.retain(|known| known.track != transcode.track);
        self.transcodes.push(transcode);
    }

    /// Puts the file at a path relative to its root, with the extension. Nothing happens when it lies there already, which a
    /// policy cannot know.
    pub fn move_file(&mut self, path: &str, reason: Reason) {
        self.destination = Some((path.to_owned(), reason));
    }

    /// Reports that a track, or with `None` the file, was looked at and stays as it is.
    pub fn leave_alone(&mut self, track: Option<u32>, reason: Reason) {
        self.left_alone.push(LeftAlone { track, reason });
    }

    pub fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// The policies after this one shall not run on this file.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.stop.get_or_insert_with(|| reason.into());
    }

    /// Whether the policies after this one shall not run.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some()
    }

    fn change(&mut self, subject: Subject, action: Action, reason: Reason) {
        apply(self.after.to_mut(), &action);
        self.reasons.retain(|(known, _)| *known != subject);
        self.reasons.push((subject, reason));
    }

    /// Makes the verdict: metadata first, then what goes, then the container, then the order, then the place.
    pub fn finish(mut self) -> Verdict {
        let mut steps = Vec::new();
        if let Cow::Owned(after) = &mut self.after {
            settle(after);
            self.gather(&mut steps);
        }
        steps.extend(self.destination.map(|(path, reason)| Step { action: Action::MoveFile(path), reason }));
        Verdict { steps, left_alone: self.left_alone, warnings: self.warnings, stop: self.stop, extra: Vec::new() }
    }

    fn gather(&mut self, steps: &mut Vec<Step>) {
        self.track_steps(steps);
        self.file_steps(steps);
        self.removals(steps);
        if self.after.container != self.before.container {
            let action = Action::ConvertContainer(self.after.container.clone());
            self.step(steps, &Subject::Container, action);
        }
        let order: Vec<u32> = self.after.tracks.iter().map(|track| track.id).collect();
        let untouched = self.before.tracks.iter().map(|track| track.id).filter(|id| order.contains(id));
        if !order.iter().copied().eq(untouched) {
            self.step(steps, &Subject::Order, Action::Reorder(order));
        }
    }

    fn step(&mut self, steps: &mut Vec<Step>, subject: &Subject, action: Action) {
        let place = self.reasons.iter().position(|(known, _)| known == subject);
        let place = place.expect("facts change through methods that take a reason");
        steps.push(Step { action, reason: self.reasons.swap_remove(place).1 });
    }

    fn track_steps(&mut self, steps: &mut Vec<Step>) {
        for id in self.before.tracks.iter().map(|track| track.id).collect::<Vec<_>>() {
            let before = self.before.tracks.iter().find(|track| track.id == id);
            let after = self.after.tracks.iter().find(|track| track.id == id);
            // What happens to a track that goes does not matter.
            let Some((before, after)) = before.zip(after) else { continue };
            // What a container makes of languages and flags by itself is nobody's step.
            let asked = |wanted: Subject| self.reasons.iter().any(|(subject, _)| *subject == wanted);
            let language = (before.language.tag != after.language.tag && asked(Subject::Language(id)))
                .then(|| after.language.tag.clone());
            let title = (before.title != after.title).then(|| after.title.clone());
            let flags: Vec<_> = FLAGS
                .into_iter()
                .filter(|flag| before.has_flag(*flag) != after.has_flag(*flag))
                .filter(|flag| asked(Subject::Flag(id, *flag)))
                .map(|flag| (flag, after.has_flag(flag)))
                .collect();

            if let Some(language) = language {
                let action = Action::SetLanguage(SetLanguage { track: id, language });
                self.step(steps, &Subject::Language(id), action);
            }
            if let Some(title) = title {
                let action = Action::SetTrackTitle(SetTrackTitle { track: id, title });
                self.step(steps, &Subject::TrackTitle(id), action);
            }
            for (flag, value) in flags {
                let action = Action::SetFlag(SetFlag { track: id, flag, value });
                self.step(steps, &Subject::Flag(id, flag), action);
            }
        }
    }

    fn file_steps(&mut self, steps: &mut Vec<Step>) {
        if self.before.title != self.after.title {
            let action = Action::SetTitle(self.after.title.clone());
            self.step(steps, &Subject::Title, action);
        }
        let tags: Vec<_> = self
            .reasons
            .iter()
            .filter_map(|(subject, _)| if let Subject::Tag(name) = subject { Some(name.clone()) } else { None })
            .collect();
        for name in tags {
            if !file_tag(self.before, &name).eq(file_tag(&self.after, &name)) {
                let tag =
                    self.after.tags.iter().find(|tag| tag.track.is_none() && tag.name.eq_ignore_ascii_case(&name));
                let set = match tag {
                    Some(tag) => SetTag { name: tag.name.clone(), value: Some(tag.value.clone()) },
                    None => SetTag { name: original_name(self.before, &name), value: None },
                };
                self.step(steps, &Subject::Tag(name), Action::SetTag(set));
            }
        }
    }

    fn removals(&mut self, steps: &mut Vec<Step>) {
        for transcode in std::mem::take(&mut self.transcodes) {
            if self.after.tracks.iter().any(|track| track.id == transcode.track) {
                self.step(steps, &Subject::Transcode(transcode.track), Action::TranscodeTrack(transcode));
            }
        }
        for track in &self.before.tracks {
            if !self.after.tracks.iter().any(|kept| kept.id == track.id) {
                self.step(steps, &Subject::Track(track.id), Action::RemoveTrack(track.id));
            }
        }
        for attachment in &self.before.attachments {
            if !self.after.attachments.iter().any(|kept| kept.id == attachment.id) {
                self.step(steps, &Subject::Attachment(attachment.id), Action::RemoveAttachment(attachment.id));
            }
        }
        if self.before.chapters.len() != self.after.chapters.len() {
            self.step(steps, &Subject::Chapters, Action::RemoveChapters);
        }
    }
}

fn file_tag<'f>(facts: &'f Facts, name: &'f str) -> impl Iterator<Item = &'f str> {
    facts
        .tags
        .iter()
        .filter(move |tag| tag.track.is_none() && tag.name.eq_ignore_ascii_case(name))
        .map(|tag| tag.value.as_str())
}

fn original_name(facts: &Facts, name: &str) -> String {
    let found = facts.tags.iter().find(|tag| tag.track.is_none() && tag.name.eq_ignore_ascii_case(name));
    found.map_or_else(|| name.to_owned(), |tag| tag.name.clone())
}

/// A verdict that changes nothing and says nothing.
pub fn nothing() -> Verdict {
    Verdict { steps: Vec::new(), left_alone: Vec::new(), warnings: Vec::new(), stop: None, extra: Vec::new() }
}
