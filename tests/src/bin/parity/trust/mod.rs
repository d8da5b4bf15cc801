//! What each tool is trusted for.
//!
//! mkvmerge knows what the elements of Matroska say: order, languages, titles, flags. ffprobe knows everything else, and what
//! the headers of codecs say: coded size, channels, sample rate, colours. Neither is asked for what it is known to get wrong.

mod codes;
mod ffprobe;
mod mkvmerge;
mod stream;

use serde_json::{Value, json};

use crate::said::{Fields, Said, list};

/// How the tracks of a tool are found among ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// One by one; another count is a disagreement.
    Order,
    /// By their number in the container.
    Number,
}

/// What one tool says of a file, as far as it is trusted.
#[derive(Debug)]
pub struct Claim {
    pub tool: &'static str,
    pub matching: Match,
    pub said: Said,
}

/// Returns what is to be believed; empty when neither tool finds a track.
pub fn claims(ffprobe: &Value, mkvmerge: &Value) -> Vec<Claim> {
    let has_streams = !list(&ffprobe["streams"]).is_empty();
    let is_matroska = mkvmerge["container"]["type"] == "Matroska" || ffprobe::is_matroska(ffprobe);
    let mkvmerge_knows = is_matroska && !list(&mkvmerge["tracks"]).is_empty();
    let container = ffprobe::container(ffprobe);
    let mut claims = Vec::new();
    if mkvmerge_knows {
        claims.push(mkvmerge::matroska(mkvmerge));
    } else if has_streams && matches!(container, "mp4" | "mov" | "mpegts") {
        // mkvmerge knows nothing of the numbers by which QuickTime names languages.
        claims.push(mkvmerge::numbered(mkvmerge, container == "mp4"));
    }
    if has_streams {
        let mut claim = ffprobe::claim(ffprobe, mkvmerge_knows);
        // ffprobe takes the language 0 of any MP4 for English, which it is in QuickTime only.
        let settled: Vec<Value> = claims.iter().flat_map(|claim: &Claim| &claim.said.tracks).map(number).collect();
        let is_settled = |track: &Fields| {
            settled.contains(&number(track)) || container == "mp4" && track.get("language") == Some(&json!("eng"))
        };
        for track in claim.said.tracks.iter_mut().filter(|track| is_settled(track)) {
            track.remove("language");
        }
        claims.push(claim);
    }
    claims
}

fn number(track: &Fields) -> Value {
    track.get("number").filter(|_| track.contains_key("language")).cloned().unwrap_or(json!("none"))
}

fn kind(name: Option<&str>) -> &'static str {
    match name {
        Some("video") => "video",
        Some("audio") => "audio",
        Some("subtitle" | "subtitles") => "subtitle",
        _ => "other",
    }
}
