//! A scan as a job: begun before anything is looked at, closed however it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use thiserror::Error;

use super::tools::used;
use super::{Choice, Library, options_of};
use crate::jobs::{Cancellation, Ending, Job, JobError, Retention, keep_house};
use crate::plugins::PluginError;
use crate::profile::Profile;
use crate::scan::{self, Breaker, Means, Mode, OpenRoot, Progress, ScanError, ScanRequest, Scanned, Told};
use crate::store::jobs::{JobFailure, JobType};
use crate::store::{Clock, Store, StoreError};
use crate::tools::Tools;

/// What the person asks of a scan.
#[derive(Debug, Clone, Default)]
pub struct ScanAsk {
    /// Folders of the command line; those of the profile when there are none.
    pub folders: Vec<PathBuf>,
    /// Globs of the command line, beside those of the profile.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub mode: Mode,
    /// The task that this scan is a part of.
    pub parent: Option<String>,
}

/// How a scan is followed and stopped from outside.
#[derive(Clone, Copy)]
pub struct ScanWatch<'a> {
    pub cancel: &'a Cancellation,
    pub progress: &'a Progress,
    pub listener: Option<&'a (dyn Fn(Told) + Sync)>,
}

/// What a scan came to.
#[derive(Debug, Clone)]
pub struct ScanReport {
    /// Absent for a dry run, which leaves no trace.
    pub job: Option<String>,
    pub scanned: Scanned,
    pub time: Duration,
    pub roots: Vec<PathBuf>,
}

/// Why a scan did not happen, or stopped.
#[derive(Debug, Error)]
pub enum ScanFailure {
    #[error(transparent)]
    Scan(#[from] ScanError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PluginError> for ScanFailure {
    fn from(error: PluginError) -> Self {
        Self::Scan(ScanError::Plugin(error))
    }
}

impl Library {
    /// Scans folders as a prepared profile and the settings say.
    pub fn scan(&self, choice: &Choice, ask: &ScanAsk, watch: ScanWatch<'_>) -> Result<ScanReport, ScanFailure> {
        let begun = Instant::now();
        let clock = Clock::system();
        self.limit_plugins(&choice.settings);
        let tools = Arc::new(self.tools(&choice.settings));
        let request = self.scan_request(choice, ask, &tools, watch.cancel);
        if ask.mode.dry_run {
            let store = Store::open_to_read(&choice.settings.database.path)?;
            let roots = scan::open_roots(&store, &request)?;
            let scanned = self.run_scan(&request, &roots, "", &store, &clock, watch)?;
            return Ok(ScanReport { job: None, scanned, time: begun.elapsed(), roots: paths(&roots) });
        }
        let store = Store::open(&choice.settings.database.path)?;
        // Whoever is the last to close the database tidies its log away, and the next makes a new one: that is done once.
        let held_open = store.writer()?;
        if choice.settings.jobs.auto_purge.value {
            let jobs = &choice.settings.jobs;
            keep_house(&store, &clock, Retention::days(jobs.retention_days.value, jobs.keep_history_days.value))?;
        }
        let opened = scan::open_roots(&store, &request);
        let roots = opened.as_ref().map(|roots| paths(roots)).unwrap_or_default();
        let shown = if roots.is_empty() { request.folders.clone() } else { roots.clone() };
        let mut job_request = self.job_request(JobType::Scan, choice);
        job_request.parent = ask.parent.clone().or(job_request.parent);
        job_request.path = Some(shown.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "));
        job_request.roots.clone_from(&roots);
        let job = Job::begin(&store, &clock, job_request, watch.cancel)?;
        let span = tracing::info_span!("job", job = job.id());
        let _entered = span.enter();
        // A file that a dead process left in the middle of a change is made whole before it is looked at.
        self.settle_changes(&store, &clock, job.id())?;

        let scanned = opened
            .and_then(|opened| self.run_scan(&request, &opened, job.id(), &store, &clock, watch))
            .map_err(ScanFailure::Scan);
        if let Ok(scanned) = &scanned {
            scanned.phases.iter().for_each(|(phase, time)| job.spent(phase, *time));
        }
        job.used_tools(used(&tools));
        let job_id = job.id().to_owned();
        job.finish(ending(&scanned, watch.progress))?;
        drop(held_open);
        Ok(ScanReport { job: Some(job_id), scanned: scanned?, time: begun.elapsed(), roots })
    }

    fn run_scan(
        &self,
        request: &ScanRequest,
        roots: &[OpenRoot],
        job_id: &str,
        store: &Store,
        clock: &Clock,
        watch: ScanWatch<'_>,
    ) -> Result<Scanned, ScanError> {
        let means = Means {
            store,
            plugins: self.plugins(),
            clock,
            cancel: watch.cancel,
            progress: watch.progress,
            listener: watch.listener,
        };
        let scanned = scan::scan(request, roots, job_id, &means)?;
        let summary = &scanned.summary;
        tracing::info!(
            discovered = summary.discovered,
            skipped = summary.skipped,
            scanned = summary.scanned,
            added = summary.added,
            moved = summary.moved,
            removed = summary.removed,
            errors = summary.errors,
            cancelled = scanned.cancelled,
            "scan ended"
        );
        Ok(scanned)
    }

    fn scan_request(&self, choice: &Choice, ask: &ScanAsk, tools: &Arc<Tools>, cancel: &Cancellation) -> ScanRequest {
        let (profile, settings) = (&choice.profile, &choice.settings);
        let folders = match &ask.folders[..] {
            [] => profile.roots.iter().map(|root| root.value.clone()).collect(),
            named => named.to_vec(),
        };
        ScanRequest {
            folders,
            working: self.places().working.clone(),
            detector: (profile.detect.plugin.to_string(), options_of(&profile.detect.options)),
            readers: self.reader_choices_until(choice, tools, cancel),
            extensions: settings.scan.extensions.value.0.clone(),
            include: profile.include.iter().map(|glob| &glob.value).chain(&ask.include).cloned().collect(),
            exclude: profile.exclude.iter().map(|glob| &glob.value).chain(&ask.exclude).cloned().collect(),
            follow_symlinks: settings.scan.follow_symlinks.value,
            stability: settings.scan.stability.value,
            threads: settings.scan.threads.value.count(),
            mode: ask.mode,
            breaker: Breaker {
                minimum: settings.scan.breaker_minimum.value,
                percent: f64::from(settings.scan.breaker_percent.value.0),
            },
        }
    }

    /// The plugins that a job of this type uses with their versions and digests, for its record.
    pub(super) fn plugins_used(&self, job_type: JobType, choice: &Choice) -> Option<serde_json::Value> {
        let Profile { detect, introspect, policies, .. } = &choice.profile;
        let (detect, policies) = match job_type {
            JobType::Scan => (Some(detect), &[][..]),
            JobType::Undo => (None, &[][..]),
            _ => (Some(detect), &policies[..]),
        };
        let used: Vec<_> = detect
            .into_iter()
            .chain(introspect)
            .chain(policies)
            .filter_map(|used| self.plugins().load(&used.plugin.to_string()).ok())
            .map(|plugin| {
                let version = plugin.describe().ok().map(|description| description.version);
                json!({ "name": &*plugin.name, "version": version, "digest": plugin.digest.to_hex().as_str() })
            })
            .collect();
        (!used.is_empty()).then(|| used.into())
    }
}

/// How the job ended, truthfully.
fn ending(scanned: &Result<Scanned, ScanFailure>, progress: &Progress) -> Ending {
    match scanned {
        Ok(scanned) if scanned.cancelled => Ending::Cancelled { summary: Some(json!(scanned.summary)) },
        Ok(scanned) if scanned.held.is_empty() => Ending::Completed { summary: json!(scanned.summary) },
        Ok(scanned) => {
            let mut summary = json!(scanned.summary);
            summary["held"] = json!(scanned.held);
            Ending::Completed { summary }
        }
        Err(error) => Ending::Failed { summary: Some(json!(progress.summary())), error: JobFailure::of(error) },
    }
}

fn paths(roots: &[OpenRoot]) -> Vec<PathBuf> {
    roots.iter().map(|root| root.path.clone()).collect()
}
