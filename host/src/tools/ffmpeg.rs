//! ffmpeg: writes MP4 files anew, and encodes tracks.

use std::ffi::OsString;
use std::path::Path;

use super::iso639::three_letters;
use super::{Edit, Unsupported};
use crate::media::{Flags, Track, TrackKind, Value};
use crate::plan::container::{TIMECODE, can_hold, holds_chapters};
use crate::plan::{Action, TrackFlag, is_written_by_tools};

/// Returns the arguments that write an MP4 file in one run.
///
/// `covers` are the stream numbers of the pictures that stay.
pub fn mp4_arguments(
    edit: &Edit,
    covers: &[u32],
    original: &Path,
    output: &Path,
) -> Result<Vec<OsString>, Unsupported> {
    let mut arguments = start(original);
    let mut per_track: Vec<String> = Vec::new();
    let mut place = 0;
    for (before, after) in edit.tracks() {
        // ffmpeg makes these itself.
        if holds_chapters(after) || after.codec == TIMECODE {
            continue;
        }
        let index = before.addresses.ffmpeg.ok_or(Unsupported::NoAddress { tool: "ffmpeg", track: before.id })?;
        words(&mut arguments, ["-map", &format!("0:{index}")]);
        match edit.transcode_of(before.id) {
            Some(action) => per_track.extend(encoder(action, after.kind(), place)?),
            None => per_track.extend([format!("-c:{place}"), "copy".to_owned()]),
        }
        per_track.extend([format!("-disposition:{place}"), disposition(&after.flags)]);
        per_track.extend([format!("-metadata:s:{place}"), format!("language={}", three_letters(&after.language.tag))]);
        // A title that does not change is not always copied.
        if edit.converts() || before.title != after.title || after.title.is_some() {
            // What players and ffprobe show as the title of an MP4 track is the name of its handler.
            let title = after.title.as_deref().unwrap_or("");
            per_track.extend([format!("-metadata:s:{place}"), format!("title={title}")]);
            per_track.extend([format!("-metadata:s:{place}"), format!("handler_name={title}")]);
        }
        if after.codec == "hevc" && edit.after.container == "mp4" && before.codec_id != "hev1" {
            // Apple players show nothing else.
            per_track.extend([format!("-tag:{place}"), "hvc1".to_owned()]);
        }
        place += 1;
    }
    for cover in covers {
        words(&mut arguments, ["-map", &format!("0:{cover}")]);
        per_track.extend([format!("-c:{place}"), "copy".to_owned()]);
        per_track.extend([format!("-disposition:{place}"), "attached_pic".to_owned()]);
        place += 1;
    }
    arguments.extend(per_track.into_iter().map(OsString::from));

    if edit.converts() {
        words(&mut arguments, ["-map_metadata:g", "-1"]);
        for tag in edit.after.tags.iter().filter(|tag| tag.track.is_none() && !is_written_by_tools(&tag.name)) {
            words(&mut arguments, ["-metadata", &format!("{}={}", tag.name.to_lowercase(), tag.value)]);
        }
    }
    if edit.converts() || edit.before.title != edit.after.title {
        words(&mut arguments, ["-metadata", &format!("title={}", edit.after.title.as_deref().unwrap_or(""))]);
    }
    for action in edit.plan.actions() {
        if let Action::SetTag { name, value } = action {
            words(&mut arguments, ["-metadata", &format!("{name}={}", value.as_deref().unwrap_or(""))]);
        }
    }
    if edit.after.chapters.is_empty() {
        words(&mut arguments, ["-map_chapters", "-1"]);
    }
    if !edit.after.tracks.iter().any(|track| track.codec == TIMECODE) {
        words(&mut arguments, ["-write_tmcd", "0"]);
    }
    // FLAC and TrueHD in MP4 are in order, but ffmpeg of before 2023 calls them experimental.
    words(&mut arguments, ["-strict", "experimental", "-movflags", "+faststart", "-f", muxer(&edit.after.container)]);
    arguments.push(with_protocol(output));
    Ok(arguments)
}

/// Returns the arguments that put tracks into a Matroska file of their own, in the order of [`Edit::tracks`].
pub fn track_arguments(edit: &Edit, original: &Path, output: &Path) -> Result<Vec<OsString>, Unsupported> {
    // Old containers leave times out that Matroska wants to have.
    let mut arguments: Vec<OsString> = vec!["-fflags".into(), "+genpts".into()];
    arguments.append(&mut start(original));
    let mut per_track = Vec::new();
    let mut place = 0;
    for (before, after) in edit.tracks() {
        if !edit.goes_through_ffmpeg(before) {
            continue;
        }
        let index = before.addresses.ffmpeg.ok_or(Unsupported::NoAddress { tool: "ffmpeg", track: before.id })?;
        words(&mut arguments, ["-map", &format!("0:{index}")]);
        match edit.transcode_of(before.id) {
            Some(action) => per_track.extend(encoder(action, after.kind(), place)?),
            None if edit.is_encoded(before) => per_track.extend([format!("-c:{place}"), "srt".to_owned()]),
            None => per_track.extend([format!("-c:{place}"), "copy".to_owned()]),
        }
        place += 1;
    }
    arguments.extend(per_track.into_iter().map(OsString::from));
    words(&mut arguments, ["-map_metadata", "-1"]);
    if !edit.leaves_original_to_ffmpeg() || edit.after.chapters.is_empty() {
        words(&mut arguments, ["-map_chapters", "-1"]);
    }
    words(&mut arguments, ["-f", "matroska"]);
    arguments.push(with_protocol(output));
    Ok(arguments)
}

/// Returns the arguments for ffprobe that list which streams are pictures.
pub fn picture_arguments(original: &Path) -> Vec<OsString> {
    let mut arguments = Vec::new();
    words(
        &mut arguments,
        ["-v", "error", "-show_entries", "stream=index:stream_disposition=attached_pic", "-of", "csv=p=0"],
    );
    arguments.push(with_protocol(original));
    arguments
}

/// Reads the stream numbers of pictures from what ffprobe printed.
pub fn pictures(stdout: &[u8]) -> Vec<u32> {
    let stdout = String::from_utf8_lossy(stdout);
    let is_picture = |line: &&str| line.split(',').nth(1) == Some("1");
    stdout.lines().filter(is_picture).filter_map(|line| line.split(',').next()?.parse().ok()).collect()
}

/// Finds progress in a line of `-progress`, for a file of this duration.
pub fn progress(line: &str, duration_ns: u64) -> Option<f64> {
    let microseconds: f64 = line.strip_prefix("out_time_us=")?.trim().parse().ok()?;
    (duration_ns > 0).then(|| (microseconds * 1000.0 / duration_ns as f64).clamp(0.0, 1.0))
}

/// What MP4 cannot keep of the outcome of an edit.
pub fn check_mp4(edit: &Edit) -> Result<(), Unsupported> {
    let cannot = |what: String| Err(Unsupported::CannotKeep { container: edit.after.container.clone(), what });
    for (before, after) in edit.tracks() {
        if !is_written(after, edit) {
            return cannot(format!("track {} in {}, which ffmpeg does not write", after.id, after.codec));
        }
        for flag in [TrackFlag::TextDescriptions, TrackFlag::Original] {
            if flag.of(&after.flags) {
                return cannot(format!("the flag {flag} of track {}", after.id));
            }
        }
        if after.language.tag != before.language.tag && after.language.tag.contains('-') {
            return cannot(format!("the language {} of track {}, only three letters", after.language.tag, after.id));
        }
    }
    let count = |is: &dyn Fn(&Track) -> bool| edit.after.tracks.iter().filter(|track| is(track)).count();
    if count(&|track| track.codec == TIMECODE) > count(&|track| track.kind() == TrackKind::Video) {
        return cannot("more timecodes than pictures".to_owned());
    }
    let is_kept = |name: &str| is_written_by_tools(name) || MP4_TAGS.contains(&name.to_lowercase().as_str());
    for action in edit.plan.actions() {
        if let Action::SetTag { name, value: Some(_) } = action
            && !is_kept(name)
        {
            return cannot(format!("the tag {name:?}"));
        }
    }
    if !edit.converts() {
        return Ok(());
    }
    if let Some(tag) = edit.after.tags.iter().find(|tag| tag.track.is_none() && !is_kept(&tag.name)) {
        return cannot(format!("the tag {:?}", tag.name));
    }
    if edit.after.chapters.iter().any(|chapter| chapter.depth > 0 || chapter.edition > 0 || chapter.hidden) {
        return cannot("nested or hidden chapters".to_owned());
    }
    Ok(())
}

/// Whether ffmpeg writes a track that is there already. Of pictures and sound it writes whatever it has read.
fn is_written(track: &Track, edit: &Edit) -> bool {
    match track.kind() {
        TrackKind::Video | TrackKind::Audio => true,
        TrackKind::Subtitle if edit.after.container == "mov" && track.codec == "eia_608" => true,
        _ => can_hold("mp4", track) || holds_chapters(track),
    }
}

/// Names that ffmpeg writes into the metadata list of an MP4 file.
const MP4_TAGS: [&str; 20] = [
    "artist",
    "album_artist",
    "composer",
    "album",
    "date",
    "comment",
    "genre",
    "copyright",
    "grouping",
    "lyrics",
    "description",
    "synopsis",
    "show",
    "episode_id",
    "network",
    "keywords",
    "compilation",
    "track",
    "disc",
    "encoder",
];

fn muxer(container: &str) -> &'static str {
    if container == "mov" { "mov" } else { "mp4" }
}

fn start(original: &Path) -> Vec<OsString> {
    let mut arguments = Vec::new();
    words(&mut arguments, ["-nostdin", "-hide_banner", "-v", "error", "-progress", "pipe:1", "-i"]);
    arguments.push(with_protocol(original));
    arguments
}

/// Without it, a name with a colon would be taken for a protocol of its own.
fn with_protocol(path: &Path) -> OsString {
    let mut whole = OsString::from("file:");
    whole.push(path);
    whole
}

fn words<'a>(arguments: &mut Vec<OsString>, words: impl IntoIterator<Item = &'a str>) {
    arguments.extend(words.into_iter().map(OsString::from));
}

fn encoder(action: &Action, kind: TrackKind, place: usize) -> Result<Vec<String>, Unsupported> {
    let Action::TranscodeTrack { codec, bit_rate, channels, extra, .. } = action else { return Ok(Vec::new()) };
    let (name, quality) = match codec.as_str() {
        "aac" => ("aac", None),
        "ac3" => ("ac3", None),
        "eac3" => ("eac3", None),
        "opus" => ("libopus", None),
        "flac" => ("flac", None),
        "mp3" => ("libmp3lame", None),
        "vorbis" => ("libvorbis", None),
        "h264" => ("libx264", Some("20")),
        "hevc" => ("libx265", Some("22")),
        "av1" => ("libsvtav1", Some("30")),
        "vp9" => ("libvpx-vp9", Some("31")),
        "mov_text" => ("mov_text", None),
        "subrip" => ("srt", None),
        "ass" => ("ass", None),
        "webvtt" => ("webvtt", None),
        _ => return Err(Unsupported::Codec { codec: codec.clone() }),
    };
    let mut words = vec![format!("-c:{place}"), name.to_owned()];
    if let Some(bit_rate) = bit_rate {
        words.extend([format!("-b:{place}"), bit_rate.to_string()]);
    } else if let Some(quality) = quality {
        words.extend([format!("-crf:{place}"), quality.to_owned()]);
    }
    if let Some(channels) = channels
        && kind == TrackKind::Audio
    {
        words.extend([format!("-ac:{place}"), channels.to_string()]);
    }
    for entry in extra.iter().filter(|entry| ["crf", "preset", "tune"].contains(&entry.name.as_str())) {
        let value = match &entry.value {
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Decimal(number) => number.to_string(),
            Value::Boolean(_) | Value::Null => continue,
        };
        words.extend([format!("-{}:{place}", entry.name), value]);
    }
    Ok(words)
}

fn disposition(flags: &Flags) -> String {
    let names: Vec<&str> = [
        (flags.default, "default"),
        (flags.forced, "forced"),
        (flags.original, "original"),
        (flags.commentary, "comment"),
        (flags.hearing_impaired, "hearing_impaired"),
        (flags.visual_impaired, "visual_impaired"),
    ]
    .into_iter()
    .filter_map(|(is_set, name)| is_set.then_some(name))
    .collect();
    if names.is_empty() { "0".to_owned() } else { names.join("+") }
}
