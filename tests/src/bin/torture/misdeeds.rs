//! Tools that do something else than they should, and what may come of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vpo_tests::stand_in;

use crate::random::Random;

/// Something that a tool does wrong, or that happens while it runs.
#[derive(Debug)]
pub struct Misdeed {
    /// Shell: `$real "$@"` is the tool as it should be, `$work` its output, `$film` the original, `$after` the new name.
    pub script: String,
    /// What it makes of the films themselves; nothing of the outcome may be there then.
    pub leaves: Option<Leaves>,
}

/// What somebody else made of the library meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// The film has more bytes than before.
    Longer,
    /// Another film has its name.
    Another,
    Gone,
    /// Something else has the new name, the film is as it was.
    Rival,
}

impl Leaves {
    pub fn holds(self, film: &Path, after: &Path, original: &[u8]) -> bool {
        let found = fs::read(film);
        match self {
            Self::Longer => found.is_ok_and(|bytes| bytes == [original, b"more\n"].concat()),
            Self::Another => found.is_ok_and(|bytes| bytes == b"another film\n"),
            Self::Gone => found.is_err() && !after.exists(),
            Self::Rival => {
                found.is_ok_and(|bytes| bytes == original) && fs::read(after).is_ok_and(|bytes| bytes == b"mine\n")
            }
        }
    }
}

/// Picks a misdeed. `renames`: the film is to get another name.
pub fn any(renames: bool, random: &mut Random) -> Misdeed {
    let bytes = random.below(80_000);
    let blocks = random.below(160);
    let ways = [
        ("kill -9 $$".to_owned(), None),
        ("$real \"$@\"; kill -9 $$".to_owned(), None),
        ("$real \"$@\"; exit 2".to_owned(), None),
        ("exit 0".to_owned(), None),
        (format!("head -c {bytes} /dev/urandom > \"$work\""), None),
        (format!("$real \"$@\"; truncate -s {bytes} \"$work\""), None),
        (format!("$real \"$@\"; truncate -s -{} \"$work\"", 1 + bytes / 8), None),
        ("$real \"$@\"; rm -f \"$work\"".to_owned(), None),
        ("$real \"$@\"; cp \"$film\" \"$work\"; exit 1".to_owned(), None),
        (format!("trap '' XFSZ; ulimit -f {blocks}; $real \"$@\""), None),
        (format!("trap '' XFSZ; ulimit -f {blocks}; $real \"$@\"; exit 0"), None),
        ("echo more >> \"$film\"; $real \"$@\"".to_owned(), Some(Leaves::Longer)),
        ("$real \"$@\"; code=$?; echo more >> \"$film\"; exit $code".to_owned(), Some(Leaves::Longer)),
        (
            "$real \"$@\"; code=$?; echo 'another film' > \"$film.new\"; mv \"$film.new\" \"$film\"; exit $code"
                .to_owned(),
            Some(Leaves::Another),
        ),
        ("$real \"$@\"; code=$?; rm -f \"$film\"; exit $code".to_owned(), Some(Leaves::Gone)),
        ("$real \"$@\"; code=$?; echo mine > \"$after\"; exit $code".to_owned(), Some(Leaves::Rival)),
    ];
    let choices = if renames { ways.len() } else { ways.len() - 1 };
    let (script, leaves) = ways.into_iter().take(choices).nth(random.below(choices)).expect("one of them");
    Misdeed { script, leaves }
}

/// Puts tools that run the script before the real ones.
pub fn wrap(folder: &Path, apply: &mut Command, script: &str, film: &Path, after: &Path) {
    fs::create_dir_all(folder).expect("the temporary folder is writable");
    let path = std::env::var_os("PATH").unwrap_or_default();
    for tool in ["mkvmerge", "mkvpropedit", "ffmpeg"] {
        let script = format!("film='{}' after='{}'\n{script}", film.display(), after.display());
        stand_in(folder, tool, &script);
    }
    let places: Vec<PathBuf> = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path)).collect();
    apply.env("PATH", std::env::join_paths(places).expect("no folder of PATH has a colon"));
}
