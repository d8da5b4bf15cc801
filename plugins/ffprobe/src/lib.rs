//! Reads what no reader of our own reads – MPEG-PS, ASF, FLV, Ogg and the like – by asking ffprobe.
//!
//! The host runs ffprobe when the profile grants it; this crate says with which arguments, and turns the answer into facts.
//! [`answer`] is ffprobe's JSON as it stands, [`translate`] the facts in it, [`complaint`] the reason in what it says when it
//! fails.

#![forbid(unsafe_code)]

pub mod answer;
pub mod complaint;
pub mod names;
pub mod translate;

use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::introspector::{Claims, Failure, Magic};
use vpo_plugin_sdk::{Introspector, Plugin, source, tool};

/// The program this introspector runs.
pub const PROGRAM: &str = "ffprobe";

/// What ffprobe is asked; `{file}` is put in by the host.
pub const ARGUMENTS: [&str; 8] =
    ["-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters", "{file}"];

/// Reads facts with the given way of running a program on the file.
pub fn read_with(
    size: u64,
    run: impl FnOnce(&str, &[String]) -> Result<tool::Output, tool::Failure>,
) -> Result<Facts, Failure> {
    if size == 0 {
        return Err(Failure::Truncated("the file is empty".to_owned()));
    }
    let output = run(PROGRAM, &ARGUMENTS.map(str::to_owned)).map_err(complaint::not_run)?;
    if output.status != 0 {
        return Err(complaint::reason(output.status, &output.stderr));
    }
    let answer = answer::parse(&output.stdout)
        .map_err(|wrong| Failure::Unreadable(format!("ffprobe's answer is not understood: {wrong}")))?;
    if answer.streams.is_empty() {
        return Err(Failure::Malformed("ffprobe finds no tracks in it".to_owned()));
    }
    let mut facts = translate::facts(&answer);
    facts.warnings = complaint::warnings(&output.stderr);
    Ok(facts)
}

/// The files that ffprobe is asked about first; it can read all others too.
pub fn claims() -> Claims {
    let magic = |bytes: &[u8]| Magic { offset: 0, bytes: bytes.to_vec() };
    Claims {
        extensions: [
            "mpg", "mpeg", "vob", "evo", "ps", "m2p", "wmv", "asf", "wma", "flv", "f4v", "ogg", "ogv", "ogm", "rm",
            "rmvb", "divx", "mxf", "nut", "wtv", "dv", "h264", "h265", "hevc", "m1v", "m2v", "swf", "y4m", "ivf",
            "obu",
        ]
        .map(str::to_owned)
        .to_vec(),
        magic: vec![
            // Pack header of MPEG-PS.
            magic(&[0x00, 0x00, 0x01, 0xba]),
            // GUID of the ASF header object.
            magic(&[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]),
            magic(b"FLV\x01"),
            magic(b"OggS"),
            magic(b".RMF"),
        ],
        tools: vec![PROGRAM.to_owned()],
    }
}

/// The introspector.
pub struct Ffprobe;

impl Plugin for Ffprobe {
    const NAME: &str = "ffprobe";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Reads any file that ffprobe can read, by asking ffprobe";
    type Options = ();
}

impl Introspector for Ffprobe {
    fn claim() -> Claims {
        claims()
    }

    fn read(_: &(), media: &source::Media) -> Result<Facts, Failure> {
        read_with(media.size(), |program, arguments| tool::run(program, arguments, media))
    }
}

vpo_plugin_sdk::introspector_plugin!(Ffprobe);
