//! Runs one program to its end: in a process group of its own, within a time, with its output capped.
//!
//! Any end but exit code 0 is told apart, a signal included; what counts as success is for the caller to say. A program that
//! outlives its time, stalls or is no longer wanted is killed with all its children.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rustix::process::{Pid, Signal, kill_process_group};

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How often a program is tried that is being written at this moment.
const BUSY_TRIES: u32 = 20;
/// How long after its end a program's output is waited for: a child of its own may hold it open for ever.
const LINGER: Duration = Duration::from_secs(2);

/// What a run may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    pub timeout: Duration,
    /// The longest time without any output; for programs that tell their progress.
    pub stall: Option<Duration>,
    /// Bytes of standard output that are kept; the rest is read and dropped.
    pub stdout: usize,
    /// Bytes of standard error that are kept, of its end.
    pub stderr: usize,
}

impl Limits {
    /// For a program that tells little and may take this long.
    pub fn within(timeout: Duration) -> Self {
        Self { timeout, stall: None, stdout: 64 * 1024, stderr: 64 * 1024 }
    }
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Exit(i32),
    Signal(i32),
}

#[derive(Debug, Clone)]
pub struct Output {
    pub end: End,
    pub stdout: Vec<u8>,
    /// More came than was kept.
    pub stdout_was_cut: bool,
    /// The end of what it said.
    pub stderr: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("could not start {program}")]
    Start { program: PathBuf, source: io::Error },
    #[error("{program} did not finish within {} s", .after.as_secs())]
    TimedOut { program: PathBuf, after: Duration },
    #[error("{program} stood still for {} s", .after.as_secs())]
    Stalled { program: PathBuf, after: Duration },
    #[error("{program} was stopped, as asked")]
    Cancelled { program: PathBuf },
    #[error("could not wait for {program}")]
    Wait { program: PathBuf, source: io::Error },
}

/// Follows a run from outside.
pub trait Watch {
    /// How much is done, from 0 to 1.
    fn progress(&self, _done: f64) {}
    /// Whether the run is no longer wanted.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody looks, nobody cancels.
impl Watch for () {}

/// Finds in a line of standard output how much is done, from 0 to 1.
pub type ProgressIn = Arc<dyn Fn(&str) -> Option<f64> + Send + Sync>;

/// Runs a program to its end.
pub fn run(
    program: &Path,
    arguments: &[OsString],
    limits: &Limits,
    progress_in: Option<ProgressIn>,
    watch: &dyn Watch,
) -> Result<Output, RunError> {
    let _span = tracing::debug_span!("tool", program = %program.display()).entered();
    tracing::debug!(?arguments, "tool started");
    let began = Instant::now();
    let mut child = start(program, arguments)?;
    let seen = Arc::new(Seen::new(began));
    let (ending, endings) = bounded(2);

    let stdout = child.stdout.take().expect("standard output is piped");
    let stderr = child.stderr.take().expect("standard error is piped");
    let stdout = {
        let (cap, seen, ending) = (limits.stdout, seen.clone(), ending.clone());
        thread::spawn(move || read_stdout(stdout, cap, progress_in, &seen, &ending))
    };
    let stderr = {
        let (cap, seen) = (limits.stderr, seen.clone());
        thread::spawn(move || read_stderr(stderr, cap, &seen, &ending))
    };

    let mut open_streams = 2;
    let status = wait(&mut child, program, began, limits, &seen, &endings, &mut open_streams, watch);
    if status.is_err() {
        kill(&mut child);
    }
    let deadline = Instant::now() + LINGER;
    while open_streams > 0 && endings.recv_deadline(deadline).is_ok() {
        open_streams -= 1;
    }
    let status = status?;
    if open_streams > 0 {
        // A child of the program holds its output open and has no business any more.
        kill_group(child.id());
        let held = io::Error::other("its output stays open after its end");
        return Err(RunError::Wait { program: program.to_owned(), source: held });
    }
    let (stdout, stdout_was_cut) = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();

    let end = match status.code() {
        Some(code) => End::Exit(code),
        None => End::Signal(status.signal().unwrap_or(0)),
    };
    tracing::debug!(?end, "tool came to its end");
    Ok(Output { end, stdout, stdout_was_cut, stderr: String::from_utf8_lossy(&stderr).into_owned() })
}

fn start(program: &Path, arguments: &[OsString]) -> Result<Child, RunError> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    // A tool must not go on writing beside a film when this process is killed.
    #[cfg(target_os = "linux")]
    // SAFETY: between fork and exec only one system call is made, which allocates nothing and takes no lock.
    unsafe {
        command
            .pre_exec(|| rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from));
    }
    for _ in 0..BUSY_TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(LOOK),
            Err(source) => return Err(RunError::Start { program: program.to_owned(), source }),
            Ok(child) => return Ok(child),
        }
    }
    let source = io::ErrorKind::ExecutableFileBusy.into();
    Err(RunError::Start { program: program.to_owned(), source })
}

#[expect(clippy::too_many_arguments, reason = "the state of one run, taken apart only here")]
fn wait(
    child: &mut Child,
    program: &Path,
    began: Instant,
    limits: &Limits,
    seen: &Seen,
    endings: &Receiver<()>,
    open_streams: &mut u32,
    watch: &dyn Watch,
) -> Result<ExitStatus, RunError> {
    let program = || program.to_owned();
    let mut told = 0.0;
    loop {
        if *open_streams == 0 {
            // Both streams end when the program does: its status is a moment away.
            thread::sleep(Duration::from_millis(1));
        } else if endings.recv_timeout(LOOK).is_ok() {
            *open_streams -= 1;
        }
        if let Some(status) = child.try_wait().map_err(|source| RunError::Wait { program: program(), source })? {
            return Ok(status);
        }
        let done = seen.progress();
        if done > told {
            told = done;
            watch.progress(done);
        }
        if watch.is_cancelled() {
            return Err(RunError::Cancelled { program: program() });
        }
        if began.elapsed() > limits.timeout {
            return Err(RunError::TimedOut { program: program(), after: limits.timeout });
        }
        if let Some(stall) = limits.stall
            && seen.quiet_for() > stall
        {
            return Err(RunError::Stalled { program: program(), after: stall });
        }
    }
}

/// Ends the program with all its children, stopped ones included, and takes its status so that nothing is left of it.
fn kill(child: &mut Child) {
    kill_group(child.id());
    let _ = child.kill();
    let _ = child.wait();
}

fn kill_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// What the reading threads tell the waiting one.
struct Seen {
    began: Instant,
    /// Milliseconds after `began` when something came last.
    last_output: AtomicU64,
    /// Progress in millionths.
    progress: AtomicU64,
}

impl Seen {
    fn new(began: Instant) -> Self {
        Self { began, last_output: AtomicU64::new(0), progress: AtomicU64::new(0) }
    }

    fn output(&self) {
        self.last_output.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn quiet_for(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last_output.load(Ordering::Relaxed)))
    }

    fn progress(&self) -> f64 {
        self.progress.load(Ordering::Relaxed) as f64 / 1e6
    }

    fn set_progress(&self, done: f64) {
        self.progress.store((done.clamp(0.0, 1.0) * 1e6) as u64, Ordering::Relaxed);
    }
}

/// Keeps the start of a stream, and looks for progress in its lines.
fn read_stdout(
    mut stream: impl Read,
    cap: usize,
    progress_in: Option<ProgressIn>,
    seen: &Seen,
    ending: &Sender<()>,
) -> (Vec<u8>, bool) {
    let mut kept = Vec::new();
    let mut was_cut = false;
    let mut line = Vec::new();
    read_all(&mut stream, seen, |bytes| {
        let room = cap - kept.len();
        was_cut |= bytes.len() > room;
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let Some(progress_in) = &progress_in else { return };
        for byte in bytes {
            if *byte != b'\n' && *byte != b'\r' {
                if line.len() < 4096 {
                    line.push(*byte);
                }
                continue;
            }
            if let Some(done) = std::str::from_utf8(&line).ok().and_then(|line| progress_in(line)) {
                seen.set_progress(done);
            }
            line.clear();
        }
    });
    let _ = ending.send(());
    (kept, was_cut)
}

/// Keeps the end of a stream: what a program says last is why it failed.
fn read_stderr(mut stream: impl Read, cap: usize, seen: &Seen, ending: &Sender<()>) -> Vec<u8> {
    let mut kept = Vec::new();
    read_all(&mut stream, seen, |bytes| {
        kept.extend_from_slice(bytes);
        if kept.len() > 2 * cap {
            kept.drain(..kept.len() - cap);
        }
    });
    kept.drain(..kept.len().saturating_sub(cap));
    let _ = ending.send(());
    kept
}

fn read_all(stream: &mut impl Read, seen: &Seen, mut take: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                seen.output();
                take(&buffer[..count]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limits: &Limits, watch: &dyn Watch) -> Result<Output, RunError> {
        run(Path::new("/bin/sh"), &["-c".into(), script.into()], limits, None, watch)
    }

    fn short() -> Limits {
        Limits::within(Duration::from_millis(200))
    }

    fn long() -> Limits {
        Limits::within(Duration::from_secs(60))
    }

    #[test]
    fn an_exit_code_and_a_signal_are_told_apart() {
        assert_eq!(sh("exit 3", &long(), &()).unwrap().end, End::Exit(3));
        assert_eq!(sh("kill -9 $$", &long(), &()).unwrap().end, End::Signal(9));
    }

    #[test]
    fn a_program_that_hangs_or_stops_itself_is_killed_with_its_children() {
        let hangs = sh("sleep 1000 & sleep 1000", &short(), &());
        let stopped = sh("kill -STOP $$", &short(), &());

        assert!(matches!(hangs, Err(RunError::TimedOut { .. })));
        assert!(matches!(stopped, Err(RunError::TimedOut { .. })));
    }

    #[test]
    fn a_program_that_says_nothing_more_has_stalled() {
        let limits = Limits { stall: Some(Duration::from_millis(100)), ..long() };

        let stalled = sh("echo begun; sleep 1000", &limits, &());

        assert!(matches!(stalled, Err(RunError::Stalled { .. })));
    }

    #[test]
    fn output_is_capped_at_its_start_and_errors_at_their_end() {
        let limits = Limits { stdout: 10, stderr: 10, ..long() };

        let output = sh("seq 1 100000; seq 1 100000 >&2", &limits, &()).unwrap();

        assert_eq!(output.stdout, b"1\n2\n3\n4\n5\n");
        assert!(output.stdout_was_cut);
        assert_eq!(output.stderr, "99\n100000\n");
    }

    #[test]
    fn a_run_ends_when_it_is_no_longer_wanted() {
        struct Cancelled;
        impl Watch for Cancelled {
            fn is_cancelled(&self) -> bool {
                true
            }
        }

        assert!(matches!(sh("sleep 1000", &long(), &Cancelled), Err(RunError::Cancelled { .. })));
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = run(Path::new("/nowhere/tool"), &[], &long(), None, &()).unwrap_err();

        assert_eq!(error.to_string(), "could not start /nowhere/tool");
    }
}
