//! Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. A terminal that is closed asks, too.

use std::fs;
use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use vpo::jobs::Cancellation;

/// How a program that was interrupted exits.
const INTERRUPTED: i32 = 130;

/// Lets the signals ask for cancellation.
///
/// Ending at once is safe: whatever is not committed yet is as if it had never been, and the job is closed by the next
/// command.
pub fn listen(cancel: &Cancellation) -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the first signal finds the flag down and raises it.
        flag::register_conditional_shutdown(signal, INTERRUPTED, cancel.flag())?;
        flag::register(signal, cancel.flag())?;
    }
    // The kernel and the shell may both tell of one terminal, so the second time is no wish to hurry. Who started this with
    // `nohup` wants it to go on.
    if !is_ignored(SIGHUP) {
        flag::register(SIGHUP, cancel.flag())?;
    }
    Ok(())
}

/// Whether a signal has been ignored since the start. Where that cannot be told it is left as it is, which looks the same.
fn is_ignored(signal: i32) -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return true };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}
