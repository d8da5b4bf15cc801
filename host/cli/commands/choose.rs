//! What holds for a command: the profiles that were named, checked before any work.

use vpo::library::{Choice, Library};
use vpo::settings::Layer;

use crate::args::Global;
use crate::render::Mistake;
use crate::render::choice::mistake_of;

/// Chooses every profile that was named, or the built-in one, with its plugins ready.
pub fn prepared(global: &Global, library: &Library, flags: &Layer) -> Result<Vec<Choice>, Mistake> {
    let mut choices = Vec::new();
    for name in names(global) {
        let mut choice = library.choose(name, flags.clone()).map_err(|error| mistake_of(&error))?;
        choice.profile = library.prepare(choice.profile).map_err(|error| mistake_of(&error.into()))?;
        choices.push(choice);
    }
    Ok(choices)
}

/// The names of the profiles to follow; one absent name stands for the built-in profile.
fn names(global: &Global) -> Vec<Option<&str>> {
    match &global.profile[..] {
        [] => vec![None],
        named => named.iter().map(|name| Some(name.as_str())).collect(),
    }
}
