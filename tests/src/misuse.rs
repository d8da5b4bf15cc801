//! Homes in which plugins mean harm, and what must hold of the program whatever they do.

use crate::{Home, Outcome, film, peak_memory_of_children};

/// Memory that no run of the program may exceed, whatever a plugin does: some plugins at once, a compiler, and room.
const MEMORY_MAX: u64 = 400 << 20;

/// A home with a file that is misused and one that is not; the second must come through.
pub fn home_to_misuse() -> Home {
    let home = Home::new();
    home.put("Alien.mkv", &film("alien"));
    home.put("Bad.mkv", &film("heat"));
    home
}

/// Asserts that nothing of a guest reaches a terminal unseen, that nothing is the host's own fault, and that memory stays
/// bounded.
///
/// # Panics
///
/// When it does not hold, with what was tried.
#[track_caller]
pub fn assert_contained(what: &str, outcome: &Outcome) {
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    let unseen = |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!said.contains(unseen), "{what} reached the terminal: {outcome}");
    assert!(!said.contains("panicked at host"), "{what}: {outcome}");
    assert!([0, 1, 2, 3].contains(&outcome.exit), "{what}: {outcome}");
    assert!(said.len() < 1 << 20, "{what} said {} bytes", said.len());
    let peak = peak_memory_of_children();
    assert!(peak < MEMORY_MAX, "{what} took {} MiB", peak >> 20);
}
