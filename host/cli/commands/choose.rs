//! What holds for a command: the profiles that were named, checked before any work.

use vpo::jobs::Cancellation;
use vpo::library::{Choice, Library};
use vpo::settings::Layer;

use crate::args::Global;
use crate::layers;
use crate::render::{Exit, Mistake, Screen, mistake};

/// Chooses every profile that was named, or the built-in one, with its plugins ready. `flags` is what the command's own
/// flags say of the settings; it lies over the global ones.
pub fn prepared(global: &Global, library: &Library, flags: &Layer) -> Result<Vec<Choice>, Mistake> {
    let flags = flags.clone().over(layers::flags(global, library)?);
    names(global).into_iter().map(|name| Ok(library.choose_ready(name, flags.clone())?)).collect()
}

/// Sees to it, before any file is changed, that for every step that the profile allows there is a program that can do it.
pub fn steps_possible(choice: &Choice, library: &Library) -> Result<(), Mistake> {
    let impossible = library.impossible_steps(choice);
    Ok(choice.profile.clone().without(impossible).map(|_| ())?)
}

/// Works for one profile after the other. Of several, one that fails does not keep the others from their turn.
pub fn one_after_the_other(
    choices: &[Choice],
    cancel: &Cancellation,
    screen: &Screen,
    mut work: impl FnMut(&Choice) -> Result<Exit, Mistake>,
) -> Result<Exit, Mistake> {
    if let [only] = choices {
        return work(only);
    }
    let mut exit = Exit::Fine;
    for choice in choices {
        exit = exit.max(work(choice).unwrap_or_else(|mistake| {
            mistake::show(&mistake, screen);
            mistake.exit
        }));
        if cancel.is_requested() {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(exit)
}

/// The names of the profiles to follow; one absent name stands for the built-in profile.
fn names(global: &Global) -> Vec<Option<&str>> {
    match &global.profile[..] {
        [] => vec![None],
        named => named.iter().map(|name| Some(name.as_str())).collect(),
    }
}
