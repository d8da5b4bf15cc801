//! An introspector that does whatever harm its option asks for: `behave "loop"`.

use std::hint::black_box;

use vpo_plugin_sdk::facts::{Facts, Tag};
use vpo_plugin_sdk::introspector::{Claims, Failure};
use vpo_plugin_sdk::options::{Choice, Options};
use vpo_plugin_sdk::source::Media;
use vpo_plugin_sdk::{Introspector, Plugin, introspector_plugin};

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

/// Keeps nothing in memory, so that it is the stack of calls that ends.
#[inline(never)]
fn deep(level: u64) -> u64 {
    if level == u64::MAX { 0 } else { deep(level + 1).rotate_left(3) ^ level }
}

introspector_plugin!(Unruly);
