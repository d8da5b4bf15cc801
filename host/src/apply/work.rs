//! Runs the tools of one change, each on files that are nobody's yet.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::ApplyError;
use super::execute::{Change, remove_if_there};
use super::means::ToolWatch;
use crate::plan::Action;
use crate::plan::container::is_matroska;
use crate::settings::Backup;
use crate::tools::tags_xml::TagsXml;
use crate::tools::{self, Edit, End, Limits, Output, ProgressIn, Tool, Work, ffmpeg, mkvmerge, mkvpropedit, mp4_flags};

/// The slowest disk that a copy is expected on, and the slowest encoder: bytes per second.
const SLOWEST_COPY: u64 = 1 << 20;
const SLOWEST_ENCODER: u64 = 16 << 10;

/// Carries out every run of a change; the last one makes, or has edited, the work file.
pub(super) fn run_tools(change: &Change) -> Result<(), ApplyError> {
    let edit = Edit { plan: &change.checked.plan, before: &change.checked.subject.facts, after: &change.checked.after };
    for run in &change.checked.runs {
        match (run.tool, run.work) {
            (Tool::Mkvpropedit, _) => edit_header(change, &edit)?,
            (Tool::Mkvmerge, _) => remux(change, &edit)?,
            (_, Work::CopyTracks | Work::EncodeTracks) => hand_over(change, &edit)?,
            _ => write_mp4(change, &edit)?,
        }
    }
    Ok(())
}

fn edit_header(change: &Change, edit: &Edit) -> Result<(), ApplyError> {
    let work = &change.intent.work;
    let tags = match edit.changes_tags() {
        true => Some(write_tags(change, &changed_tags(change, edit)?)?),
        false => None,
    };
    let arguments = mkvpropedit::arguments(edit, work, tags.as_deref())?;
    let output = run(change, Tool::Mkvpropedit, &arguments, &brief(change), None)?;
    // Whatever it warned about, the outcome is verified.
    succeed(change, Tool::Mkvpropedit, output, &[0, 1], false)?;
    remove(tags.as_deref())
}

fn remux(change: &Change, edit: &Edit) -> Result<(), ApplyError> {
    let intent = &change.intent;
    let tracks = intent.beside_work("tracks");
    let tags = if !is_matroska(&edit.before.container) {
        let kept =
            edit.after.tags.iter().filter(|tag| tag.track.is_none() && !crate::plan::is_written_by_tools(&tag.name));
        Some(write_tags(change, &TagsXml::of(kept))?)
    } else if edit.changes_tags() {
        let mut tags = changed_tags(change, edit)?;
        tags.keep_file_tags();
        Some(write_tags(change, &tags)?)
    } else {
        None
    };
    let comes_from_ffmpeg = change.checked.runs.iter().any(|run| run.tool == Tool::Ffmpeg);
    let files = mkvmerge::Files {
        original: &intent.original,
        output: &intent.work,
        from_ffmpeg: comes_from_ffmpeg.then_some(&*tracks),
        tags: tags.as_deref(),
    };
    let arguments = mkvmerge::arguments(edit, &files)?;
    let limits = limits(change, SLOWEST_COPY);
    let output = run(change, Tool::Mkvmerge, &arguments, &limits, Some(Arc::new(mkvmerge::progress)))?;
    // Exit code 1 is for warnings; the outcome is verified.
    succeed(change, Tool::Mkvmerge, output, &[0, 1], true)?;
    remove(tags.as_deref())?;
    remove(files.from_ffmpeg)
}

fn remove(file: Option<&Path>) -> Result<(), ApplyError> {
    file.map_or(Ok(()), |file| remove_if_there(file).map_err(ApplyError::file("remove", file)))
}

fn hand_over(change: &Change, edit: &Edit) -> Result<(), ApplyError> {
    let output = change.intent.beside_work("tracks");
    let arguments = ffmpeg::track_arguments(edit, &change.intent.original, &output)?;
    run_ffmpeg(change, edit, &arguments)
}

fn write_mp4(change: &Change, edit: &Edit) -> Result<(), ApplyError> {
    let intent = &change.intent;
    let covers = if edit.before.attachments.iter().any(|attachment| attachment.is_cover) {
        let arguments = ffmpeg::picture_arguments(&intent.original);
        let output = run(change, Tool::Ffprobe, &arguments, &brief(change), None)?;
        let output = succeed(change, Tool::Ffprobe, output, &[0], false)?;
        let pictures = ffmpeg::pictures(&output.stdout);
        let covers = edit.before.attachments.iter().enumerate().filter(|(_, attachment)| attachment.is_cover);
        let kept: Vec<usize> = edit.kept_attachments().collect();
        covers.zip(pictures).filter(|((place, _), _)| kept.contains(place)).map(|(_, stream)| stream).collect()
    } else {
        Vec::new()
    };
    let arguments = ffmpeg::mp4_arguments(edit, &covers, &intent.original, &intent.work)?;
    run_ffmpeg(change, edit, &arguments)?;
    let enabled: Vec<bool> = edit.tracks().map(|(_, after)| after.flags.default).collect();
    let correct = || {
        let file = fs::File::options().read(true).write(true).open(&intent.work)?;
        mp4_flags::set_enabled(&file, &enabled)
    };
    correct().map_err(ApplyError::file("finish", &intent.work))
}

fn run_ffmpeg(change: &Change, edit: &Edit, arguments: &[OsString]) -> Result<(), ApplyError> {
    let duration = edit.before.duration_ns.unwrap_or(0);
    let encodes = edit.plan.actions().any(|action| matches!(action, Action::TranscodeTrack { .. }));
    let limits = limits(change, if encodes { SLOWEST_ENCODER } else { SLOWEST_COPY });
    let progress: ProgressIn = Arc::new(move |line| ffmpeg::progress(line, duration));
    let output = run(change, Tool::Ffmpeg, arguments, &limits, Some(progress))?;
    succeed(change, Tool::Ffmpeg, output, &[0], false)?;
    Ok(())
}

/// The file's own tags, with those changed that the plan changes.
fn changed_tags(change: &Change, edit: &Edit) -> Result<TagsXml, ApplyError> {
    let file = change.intent.beside_work("tags");
    let arguments =
        [change.intent.original.clone().into_os_string(), OsString::from("tags"), file.clone().into_os_string()];
    let output = run(change, Tool::Mkvextract, &arguments, &brief(change), None)?;
    succeed(change, Tool::Mkvextract, output, &[0], true)?;
    // A file without tags gives none.
    let bytes = match fs::read(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(ApplyError::file("read", &file))?,
    };
    let mut tags = TagsXml::read(&String::from_utf8_lossy(&bytes))?;
    for action in edit.plan.actions() {
        if let Action::SetTag { name, value } = action {
            tags.set(name, value.as_deref().filter(|value| !value.is_empty()));
        }
    }
    Ok(tags)
}

fn write_tags(change: &Change, tags: &TagsXml) -> Result<PathBuf, ApplyError> {
    let file = change.intent.beside_work("tags");
    fs::write(&file, tags.write()).map_err(ApplyError::file("write", &file))?;
    Ok(file)
}

/// For what only reads or edits a header, and tells no progress.
fn brief(change: &Change) -> Limits {
    Limits::within(change.means.manner.stall)
}

fn limits(change: &Change, slowest: u64) -> Limits {
    let stall = change.means.manner.stall;
    let seconds = change.observed.size / slowest;
    Limits { stall: Some(stall), ..Limits::within(stall + Duration::from_secs(seconds)) }
}

fn run(
    change: &Change,
    tool: Tool,
    arguments: &[OsString],
    limits: &Limits,
    progress: Option<ProgressIn>,
) -> Result<Output, ApplyError> {
    let program = change.means.tools.ready(tool)?;
    let _span = tracing::info_span!("tool", tool = tool.name()).entered();
    Ok(tools::run(program, arguments, limits, progress, &ToolWatch(change.means.watch))?)
}

/// Takes the end of a tool for success or not. What a tool complained about and did nevertheless is noted with the change.
fn succeed(
    change: &Change,
    tool: Tool,
    output: Output,
    codes: &[i32],
    complains_on_stdout: bool,
) -> Result<Output, ApplyError> {
    let is_success = matches!(output.end, End::Exit(code) if codes.contains(&code));
    if is_success && output.end == End::Exit(0) && output.stderr.trim().is_empty() {
        return Ok(output);
    }
    let mut said = tools::in_short(output.stderr.lines());
    let complaints = mkvmerge::complaints(&output.stdout);
    if !complaints.is_empty() && (complains_on_stdout || said.is_empty()) {
        said = complaints;
    } else if said.is_empty() {
        said = mkvmerge::last_words(&output.stdout)
            .map(|words| format!("its last words were: {words}"))
            .unwrap_or_default();
    }
    let said = crate::media::text::visible(crate::media::text::capped(&said, 2000)).into_owned();
    if is_success {
        let keeps_original = change.means.manner.backup == Backup::Keep && change.checked.restore.is_none();
        if tool == Tool::Mkvmerge && !keeps_original && mkvmerge::leaves_out(&output, &change.intent.original) {
            return Err(ApplyError::LeftOut { tool, said });
        }
        if !said.is_empty() {
            tracing::warn!(%tool, said, "the tool complained");
            change.complaints.borrow_mut().push(format!("{tool} warned: {said}"));
        }
        return Ok(output);
    }
    Err(ApplyError::Failed {
        tool,
        end: output.end,
        said: if said.is_empty() { "it said nothing".to_owned() } else { said },
    })
}
