//! Other programs that look at a whole tree, where they are installed.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{TIMES, line};

/// Files above which programs that keep a copy or an index of their own are left out: preparing them would take minutes.
const PREPARED: usize = 100_000;

/// Times everyone who is there on a tree.
pub fn measure(place: &Path, scratch: &Path, count: usize, bare: Duration) {
    let tree = place.as_os_str();
    // `--size` makes it call stat for each file, as everyone here does. Debian calls it by another name.
    let fd = ["--hidden", "--no-ignore", "--type", "f", "--size", "+1b", "."].map(OsStr::new);
    time("fd", fd.into_iter().chain([tree]), bare);
    time("fdfind", fd.into_iter().chain([tree]), bare);
    time("find", [tree, "-type".as_ref(), "f".as_ref(), "-printf".as_ref(), "%s %T@ %C@ %i\\n".as_ref()], bare);
    time("rsync", ["-an".as_ref(), tree, scratch.as_os_str()], bare);
    if count > PREPARED {
        return;
    }
    let git = scratch.with_extension("git");
    let git = ["--git-dir".as_ref(), git.as_os_str(), "--work-tree".as_ref(), tree];
    if ran("git", git.into_iter().chain(["init".as_ref(), "--quiet".as_ref()]))
        && ran("git", git.into_iter().chain(["add".as_ref(), "--all".as_ref()]))
    {
        time("git", git.into_iter().chain(["status".as_ref(), "--short".as_ref()]), bare);
    }
    let restic = scratch.with_extension("restic");
    let repository = ["--insecure-no-password".as_ref(), "--repo".as_ref(), restic.as_os_str()];
    if ran("restic", repository.into_iter().chain(["init".as_ref()]))
        && ran("restic", repository.into_iter().chain(["backup".as_ref(), tree]))
    {
        time("restic", repository.into_iter().chain(["backup".as_ref(), tree]), bare);
    }
}

/// Tells the best time of a program; says nothing when it is not installed.
fn time<'a>(name: &str, arguments: impl IntoIterator<Item = &'a OsStr>, bare: Duration) {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let once = || {
        let begun = Instant::now();
        ran(name, arguments.iter().copied()).then(|| begun.elapsed())
    };
    if let Some(best) = (0..TIMES).filter_map(|_| once()).min() {
        line(name, best, bare, None);
    }
}

fn ran<'a>(name: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> bool {
    let mut command = Command::new(name);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
