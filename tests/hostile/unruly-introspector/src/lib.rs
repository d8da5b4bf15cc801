//! An introspector that does whatever harm its option asks for: `behave "loop"`.

use std::hint::black_box;

use vpo_plugin_sdk::facts::{Addresses, Facts, Language, Tag, Track, TrackDetails, TrackFlags};
use vpo_plugin_sdk::introspector::{Claims, Failure};
use vpo_plugin_sdk::options::{Choice, Options};
use vpo_plugin_sdk::source::Media;
use vpo_plugin_sdk::{Introspector, Plugin, introspector_plugin, log};

/// The plugin.
pub struct Unruly;

#[derive(Options)]
pub struct UnrulyOptions {
    /// What to do.
    #[child]
    behave: Behave,
}

#[derive(Options)]
struct Behave {
    /// What to do.
    #[argument]
    how: How,
    /// Only to files that are smaller than this; the others are not its own.
    #[property]
    below: Option<i64>,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum How {
    /// Finds nothing in any file.
    Well,
    /// Never returns.
    Loop,
    /// Asks for memory until there is none.
    Memory,
    /// Panics.
    Panic,
    /// Calls itself without end.
    Stack,
    /// Reads the file again and again.
    Glutton,
    /// Returns megabytes of text.
    Text,
    /// Returns escape codes.
    Escapes,
    /// Returns a hundred thousand tags.
    Tags,
    /// Reads the file byte by byte without end.
    Sip,
    /// Returns tracks whose ids are those of another file.
    OtherTracks,
    /// Returns tags of a track that there is not.
    StrayTag,
    /// Writes a hundred thousand lines to the log.
    Chatter,
}

impl Plugin for Unruly {
    const NAME: &str = "unruly-introspector";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Does whatever harm it is asked for.";
    type Options = UnrulyOptions;
}

impl Introspector for Unruly {
    fn claim() -> Claims {
        Claims { extensions: vec!["mkv".into(), "bad".into()], magic: vec![], tools: vec![] }
    }

    fn read(options: &UnrulyOptions, media: &Media) -> Result<Facts, Failure> {
        if options.behave.below.is_some_and(|below| media.size() >= below as u64) {
            return Err(Failure::NotMine);
        }
        match options.behave.how {
            How::Well => Ok(facts(None)),
            How::Loop => loop {
                black_box(0);
            },
            How::Memory => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(vec![1u8; 1 << 20]));
                }
            }
            How::Panic => panic!("\u{1b}[31mnot today\u{1b}[0m"),
            How::Stack => Ok(facts(Some(deep(1).to_string()))),
            How::Glutton => loop {
                if media.read_at(0, u32::MAX).is_err() {
                    return Err(Failure::Unreadable("had enough".into()));
                }
            },
            How::Sip => loop {
                let _ = black_box(media.read_at(0, 1));
            },
            How::OtherTracks => Ok(Facts { tracks: vec![track(7), track(8)], ..facts(None) }),
            How::StrayTag => {
                let tag = Tag { track: Some(999), name: "N".into(), value: "V".into(), language: None };
                Ok(Facts { tags: vec![tag], ..facts(None) })
            }
            How::Chatter => {
                for _ in 0..100_000 {
                    log::write(log::Level::Warn, "\u{1b}[31mlisten", &[]);
                }
                Ok(facts(None))
            }
            How::Text => Ok(facts(Some("x".repeat(8 << 20)))),
            How::Escapes => Ok(facts(Some("\u{1b}]0;owned\u{7}\u{202e}Title\nnext line".into()))),
            How::Tags => {
                let tag = Tag { track: Some(999), name: "N".into(), value: "V".into(), language: None };
                Ok(Facts { tags: vec![tag; 100_000], ..facts(None) })
            }
        }
    }
}

fn facts(title: Option<String>) -> Facts {
    Facts {
        container: "unruly".into(),
        brand: None,
        title,
        duration_ns: None,
        muxing_application: None,
        writing_application: None,
        tracks: vec![],
        chapters: vec![],
        attachments: vec![],
        tags: vec![],
        partial: None,
        warnings: vec![],
        extra: vec![],
    }
}

fn track(id: u32) -> Track {
    Track {
        id,
        number: 1,
        addresses: Addresses { mkvmerge: None, mkvpropedit: None, ffmpeg: None },
        details: TrackDetails::Other,
        codec: "none".into(),
        codec_id: "none".into(),
        profile: None,
        level: None,
        language: Language { tag: "und".into(), original: None },
        title: None,
        flags: TrackFlags {
            default: false,
            forced: false,
            enabled: true,
            original: false,
            commentary: false,
            hearing_impaired: false,
            visual_impaired: false,
            text_descriptions: false,
        },
        duration_ns: None,
        bit_rate: None,
        extra: vec![],
    }
}

/// Keeps nothing in memory, so that it is the stack of calls that ends.
#[inline(never)]
fn deep(level: u64) -> u64 {
    if level == u64::MAX { 0 } else { deep(level + 1).rotate_left(3) ^ level }
}

introspector_plugin!(Unruly);
