//! A well-behaved policy, as somebody might drop it into the plugins folder: takes scary words out of titles.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::options::Options;
use vpo_plugin_sdk::policy::{Context, Failure, Reason, Verdict};
use vpo_plugin_sdk::{Plugin, Policy, policy_plugin};

/// The plugin.
pub struct NoScaryTitles;

#[derive(Options)]
pub struct NoScaryTitlesOptions {
    /// Words that no title may have.
    #[children]
    word: Vec<Word>,
}

/// `word "Alien" instead="Visitor"`
#[derive(Options)]
struct Word {
    /// What is scary.
    #[argument]
    scary: String,
    /// What to say instead.
    #[property(default = "Kitten".to_owned())]
    instead: String,
    #[node]
    node: Option<u32>,
}

impl Plugin for NoScaryTitles {
    const NAME: &str = "no-scary-titles";
    const VERSION: &str = "1.2.3";
    const SUMMARY: &str = "Takes scary words out of titles.";
    type Options = NoScaryTitlesOptions;
}

impl Policy for NoScaryTitles {
    fn evaluate(options: &NoScaryTitlesOptions, _: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let mut draft = Draft::new(facts);
        for word in &options.word {
            let Some(title) = draft.facts().title.clone() else { break };
            if title.contains(&word.scary) {
                let text = format!("\"{}\" is a scary word.", word.scary);
                let reason = Reason { text, node: word.node, inputs: vec![] };
                draft.set_title(Some(&title.replace(&word.scary, &word.instead)), reason);
            }
        }
        Ok(draft.finish())
    }
}

policy_plugin!(NoScaryTitles);
