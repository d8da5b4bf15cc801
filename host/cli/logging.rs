//! The log: who logs is told by `tracing`, what is logged by a filter, where it goes by [`LoggingChoice`].
//!
//! events and spans → one line each ([`lines`]) → a queue, so that no work waits for a disk → file, stderr or both
//! ([`output`]). A run of several profiles begins logging anew for each.

mod lines;
mod output;
mod rotation;

use std::path::PathBuf;
use std::sync::OnceLock;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, reload};
use vpo::settings::{LogFormat, Source};

use lines::{Lines, Sink};
use output::Output;

/// How many lines may wait to be written; beyond, whoever logs waits, and nothing is lost.
const QUEUE: usize = 8192;

/// Where the log goes, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggingChoice {
    /// `info`, or `info,vpo::scan=debug`.
    pub filter: String,
    pub file: Option<PathBuf>,
    /// The file was named for this very run: it is opened before anything is logged, and its folder is not made.
    pub is_file_named: bool,
    /// One JSON object a line.
    pub json: bool,
    /// To stderr as well.
    pub stderr: bool,
    /// Bytes after which the file is put aside.
    pub rotate_size: u64,
    /// How many files put aside are kept.
    pub rotate_keep: usize,
}

impl LoggingChoice {
    /// What the settings say.
    pub fn of(settings: &vpo::settings::Logging) -> Self {
        Self {
            filter: settings.level.value.0.clone(),
            file: settings.file.value.clone(),
            is_file_named: matches!(settings.file.source, Source::CommandLine { .. }),
            json: settings.format.value == LogFormat::Json,
            stderr: settings.stderr.value,
            rotate_size: settings.rotate_size.value.0,
            rotate_keep: settings.rotate_keep.value as usize,
        }
    }
}

/// Begins to log as the settings say.
pub fn follow(settings: &vpo::settings::Logging) -> Logging {
    begin(&LoggingChoice::of(settings))
}

/// What is installed once for the process.
struct Installed {
    filter: reload::Handle<Targets, Registry>,
    sink: Sink,
}

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// Logging goes on until this is dropped; then everything is written.
pub struct Logging {
    sink: Sink,
    _worker: Option<WorkerGuard>,
}

/// Begins to log, or goes on elsewhere.
pub fn begin(choice: &LoggingChoice) -> Logging {
    let installed = INSTALLED.get_or_init(|| {
        let sink = Sink::default();
        let (filter, handle) = reload::Layer::new(Targets::new());
        // Fails only when somebody else has installed a subscriber, whose log it then is.
        let _ = tracing_subscriber::registry().with(Lines::to(sink.clone()).with_filter(filter)).try_init();
        Installed { filter: handle, sink }
    });
    // Settings have been checked; what is no filter logs nothing rather than stopping the work.
    let filter: Targets = choice.filter.parse().unwrap_or_default();
    let is_off = (choice.file.is_none() && !choice.stderr) || filter == Targets::new();
    if is_off {
        let _ = installed.filter.reload(Targets::new());
        return Logging { sink: installed.sink.clone(), _worker: None };
    }
    let (queue, worker) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(QUEUE)
        .thread_name("log")
        .finish(Output::new(choice));
    installed.sink.open(queue, choice.json);
    let _ = installed.filter.reload(filter);
    Logging { sink: installed.sink.clone(), _worker: Some(worker) }
}

impl Drop for Logging {
    fn drop(&mut self) {
        self.sink.close();
    }
}
