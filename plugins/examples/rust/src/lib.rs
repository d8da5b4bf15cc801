//! Takes titles away that have unwanted words in them.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::options::Options;
use vpo_plugin_sdk::policy::{Context, Failure, Verdict};
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::{Plugin, Policy, policy_plugin};

/// The plugin.
pub struct NoAdverts;

/// What stands in its block of a profile.
#[derive(Options)]
pub struct NoAdvertsOptions {
    /// Titles of tracks with one of these words go.
    #[child]
    unwanted: Option<Unwanted>,
}

/// `unwanted "RARBG" "YTS" ignore-case=#true`
#[derive(Options)]
struct Unwanted {
    /// Words that no title may have.
    #[arguments(required)]
    words: Vec<String>,
    /// Whether `rarbg` is the same word.
    #[property(default = true)]
    ignore_case: bool,
    /// Where it stands in the profile, for reasons.
    #[node]
    node: Option<u32>,
}

impl Unwanted {
    /// The first of the words that a title has.
    fn find(&self, title: &str) -> Option<&str> {
        let has = |word: &str| match self.ignore_case {
            true => title.to_ascii_lowercase().contains(&word.to_ascii_lowercase()),
            false => title.contains(word),
        };
        self.words.iter().map(String::as_str).find(|word| has(word))
    }
}

impl Plugin for NoAdverts {
    const NAME: &str = env!("CARGO_PKG_NAME");
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Takes titles away that have unwanted words in them";
    type Options = NoAdvertsOptions;
}

impl Policy for NoAdverts {
    fn evaluate(options: &NoAdvertsOptions, _: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let mut draft = Draft::new(facts);
        let Some(unwanted) = &options.unwanted else { return Ok(draft.finish()) };
        for track in &facts.tracks {
            let Some(title) = track.title.as_deref() else { continue };
            if let Some(word) = unwanted.find(title) {
                let reason = because(format!("The title has \"{word}\" in it.")).asked_by(unwanted.node);
                draft.set_track_title(track.id, None, reason.input("title", title));
            } else {
                let reason = because("The title has no unwanted word in it.").asked_by(unwanted.node);
                draft.leave_alone(Some(track.id), reason.input("title", title));
            }
        }
        Ok(draft.finish())
    }
}

policy_plugin!(NoAdverts);
