//! mkvpropedit: edits the header of a Matroska file where it lies.

use std::ffi::OsString;
use std::path::Path;

use super::{Edit, Unsupported};
use crate::plan::{Action, TrackFlag};

/// Returns the arguments that carry out the metadata edits of a plan.
///
/// `tags` is a file with all tags as they are to be, where a tag changes.
pub fn arguments(edit: &Edit, file: &Path, tags: Option<&Path>) -> Result<Vec<OsString>, Unsupported> {
    let mut arguments: Vec<OsString> = vec!["--quiet".into(), file.into()];
    if let Some(Action::SetTitle { title }) = edit.plan.actions().find(|a| matches!(a, Action::SetTitle { .. })) {
        arguments.extend(["--edit".into(), "info".into()]);
        set(&mut arguments, "title", title.as_deref());
    }
    for (before, _) in edit.tracks() {
        let changes: Vec<&Action> = edit.plan.actions().filter(|action| action.track() == Some(before.id)).collect();
        if changes.is_empty() {
            continue;
        }
        let number =
            before.addresses.mkvpropedit.ok_or(Unsupported::NoAddress { tool: "mkvpropedit", track: before.id })?;
        arguments.extend(["--edit".into(), format!("track:{number}").into()]);
        for change in changes {
            match change {
                Action::SetFlag { flag, value, .. } => {
                    arguments.extend(["--set".into(), format!("{}={}", property(*flag), u8::from(*value)).into()]);
                }
                // Sets the legacy element, and the one of BCP 47 beside it.
                Action::SetLanguage { language, .. } => set(&mut arguments, "language", Some(language)),
                Action::SetTrackTitle { title, .. } => set(&mut arguments, "name", title.as_deref()),
                _ => {}
            }
        }
    }
    if let Some(tags) = tags {
        let mut selector = OsString::from("all:");
        selector.push(tags);
        arguments.extend(["--tags".into(), selector]);
    }
    Ok(arguments)
}

fn set(arguments: &mut Vec<OsString>, property: &str, value: Option<&str>) {
    match value.filter(|value| !value.is_empty()) {
        Some(value) => arguments.extend(["--set".into(), format!("{property}={value}").into()]),
        None => arguments.extend(["--delete".into(), property.into()]),
    }
}

fn property(flag: TrackFlag) -> &'static str {
    match flag {
        TrackFlag::Default => "flag-default",
        TrackFlag::Forced => "flag-forced",
        TrackFlag::Enabled => "flag-enabled",
        TrackFlag::Original => "flag-original",
        TrackFlag::Commentary => "flag-commentary",
        TrackFlag::HearingImpaired => "flag-hearing-impaired",
        TrackFlag::VisualImpaired => "flag-visual-impaired",
        TrackFlag::TextDescriptions => "flag-text-descriptions",
    }
}
