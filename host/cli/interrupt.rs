//! Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once.

use std::io;

use signal_hook::consts::{SIGINT, SIGTERM};
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
    Ok(())
}
