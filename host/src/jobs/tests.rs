use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::store::jobs::{CancelAnswer, JobFilter, JobRow, ProcessMark};

const DAY_NS: i64 = 86_400 * 1_000_000_000;

struct Library {
    _folder: tempfile::TempDir,
    store: Store,
    now_ns: Arc<AtomicI64>,
    clock: Clock,
}

fn library() -> Library {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("library.db")).unwrap();
    let now_ns = Arc::new(AtomicI64::new(100 * DAY_NS));
    let clock = Clock::from_fn({
        let now_ns = Arc::clone(&now_ns);
        move || now_ns.load(Ordering::SeqCst)
    });
    Library { _folder: folder, store, now_ns, clock }
}

impl Library {
    fn begin(&self, request: JobRequest) -> Result<Job, JobError> {
        Job::begin(&self.store, &self.clock, request, &Cancellation::new())
    }

    fn row(&self, id: &str) -> (JobRow, jobs::JobDetails) {
        jobs::find(&self.store.reader().unwrap(), id).unwrap().unwrap()
    }

    fn all(&self) -> Vec<JobRow> {
        jobs::newest(&self.store.reader().unwrap(), &JobFilter { limit: 100, ..JobFilter::default() }).unwrap()
    }

    fn wait_days(&self, days: i64) {
        self.now_ns.fetch_add(days * DAY_NS, Ordering::SeqCst);
    }

    fn insert_running(&self, process: Option<ProcessMark>, heartbeat_ns: i64) -> String {
        let id = Uuid::new_v4().to_string();
        self.store
            .writer()
            .unwrap()
            .transaction(|db| {
                let job = NewJob {
                    id: id.clone(),
                    parent_id: None,
                    job_type: JobType::Scan,
                    profile: None,
                    path: None,
                    argv: vec![],
                    working: None,
                    settings: None,
                    plugins: None,
                    log_file: None,
                    process,
                    roots: vec!["/films".into()],
                    created_ns: heartbeat_ns,
                };
                jobs::insert(db, &job)
            })
            .unwrap();
        id
    }
}

fn scan_of(root: &str) -> JobRequest {
    JobRequest { roots: vec![root.into()], ..JobRequest::new(JobType::Scan) }
}

fn dead() -> ProcessMark {
    ProcessMark { started: 1, ..Processes::of_system().mine() }
}

#[test]
fn a_job_is_running_until_it_is_finished_with_its_summary() {
    let library = library();
    let job = library.begin(JobRequest { argv: vec!["vpo".into(), "scan".into()], ..scan_of("/films") }).unwrap();
    let id = job.id().to_owned();

    assert_eq!(library.row(&id).0.status, JobStatus::Running);
    job.spent("walk", Duration::from_millis(250));
    job.spent("walk", Duration::from_millis(250));
    job.finish(Ending::Completed { summary: json!({ "added": 3 }) }).unwrap();

    let (row, details) = library.row(&id);
    assert_eq!(row.status, JobStatus::Completed);
    assert_eq!(row.summary, Some(json!({ "added": 3 })));
    assert_eq!(row.completed_ns, Some(100 * DAY_NS));
    assert_eq!(details.argv, ["vpo", "scan"]);
    assert_eq!(details.timings, Some(json!({ "walk": 0.5 })));
}

#[test]
fn a_forgotten_job_is_closed_as_failed_with_what_it_was_doing() {
    let library = library();
    let job = library.begin(scan_of("/films")).unwrap();
    let id = job.id().to_owned();

    job.working_on("/films/heat.mkv");
    drop(job);

    let (row, details) = library.row(&id);
    assert_eq!(row.status, JobStatus::Failed);
    assert_eq!(details.error.unwrap().working_on.as_deref(), Some("/films/heat.mkv"));
}

#[test]
fn a_job_that_panics_is_closed_as_failed() {
    let library = library();
    let job = library.begin(scan_of("/films")).unwrap();
    let id = job.id().to_owned();

    let broken = std::thread::scope(|scope| {
        scope
            .spawn(move || {
                let _job = job;
                panic!("broken on purpose");
            })
            .join()
    });

    assert!(broken.is_err());
    assert_eq!(library.row(&id).0.status, JobStatus::Failed);
}

#[test]
fn the_next_job_closes_those_of_dead_processes_at_their_last_sign_of_life() {
    let library = library();
    let id = library.insert_running(Some(dead()), 7);

    drop(library.begin(scan_of("/films")).unwrap());

    let (row, details) = library.row(&id);
    assert_eq!(row.status, JobStatus::Failed);
    assert_eq!(row.completed_ns, Some(7));
    assert_eq!(details.error.unwrap().message, INTERRUPTED);
}

#[test]
fn a_reader_closes_dead_jobs_when_nobody_writes_and_shows_them_closed_when_somebody_does() {
    let library = library();
    let id = library.insert_running(Some(dead()), 7);
    let mut writer = library.store.writer().unwrap();

    let shown =
        writer.transaction(|_| Ok::<_, StoreError>(settle_if_free(&library.store, &library.clock).unwrap())).unwrap();
    assert_eq!((shown[0].id.as_str(), shown[0].status), (id.as_str(), JobStatus::Failed));
    assert_eq!(library.row(&id).0.status, JobStatus::Running);

    assert!(settle_if_free(&library.store, &library.clock).unwrap().is_empty());
    assert_eq!(library.row(&id).0.status, JobStatus::Failed);
}

#[test]
fn two_scans_of_overlapping_roots_exclude_each_other_and_siblings_do_not() {
    let library = library();
    let first = library.begin(scan_of("/films")).unwrap();

    assert!(library.begin(scan_of("/films2")).is_ok());
    assert!(library.begin(JobRequest { roots: vec!["/films".into()], ..JobRequest::new(JobType::Apply) }).is_ok());
    for root in ["/films", "/films/new", "/"] {
        match library.begin(scan_of(root)) {
            Err(JobError::RootBusy { job, pid, since_ns, .. }) => {
                assert_eq!((job.as_str(), pid, since_ns), (first.id(), Some(std::process::id()), 100 * DAY_NS));
            }
            other => panic!("{root} should be busy, not {:?}", other.map(|job| job.id().to_owned())),
        }
    }

    drop(first);
    assert!(library.begin(scan_of("/films")).is_ok());
}

#[test]
fn a_running_job_hears_that_it_should_end_and_its_heart_beats_without_waiting() {
    let library = library();
    let pace = Pace { listen: Duration::from_millis(1), beat_every: 1 };
    let job = Job::begin_paced(&library.store, &library.clock, scan_of("/films"), &Cancellation::new(), pace).unwrap();
    let mut writer = library.store.writer().unwrap();

    // While the write lock is held, beats are left out and the thread goes on listening.
    library.now_ns.fetch_add(5, Ordering::SeqCst);
    let answer = writer.transaction(|db| jobs::cancel(db, job.id(), 0)).unwrap();
    assert_eq!(answer, CancelAnswer::Asked);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !(job.is_cancelled() && library.row(job.id()).0.heartbeat_ns == Some(100 * DAY_NS + 5)) {
        assert!(std::time::Instant::now() < deadline, "neither heard nor beaten");
        std::thread::yield_now();
    }

    let id = job.id().to_owned();
    job.finish(Ending::Cancelled { summary: None }).unwrap();
    assert_eq!(library.row(&id).0.status, JobStatus::Cancelled);
}

#[test]
fn retention_deletes_old_finished_jobs_and_never_queued_or_running_ones() {
    let library = library();
    let old = library.begin(scan_of("/films")).unwrap();
    let old_id = old.id().to_owned();
    library
        .store
        .writer()
        .unwrap()
        .transaction(|db| {
            crate::store::job_files::record(
                db,
                &old_id,
                1,
                Path::new("/films/a.mkv"),
                crate::store::Happening::Added,
                None,
            )
        })
        .unwrap();
    old.finish(Ending::Completed { summary: json!({}) }).unwrap();
    let running = library.begin(scan_of("/films")).unwrap();
    let queued = library.insert_running(None, 100 * DAY_NS);
    library.wait_days(29);
    library.begin(scan_of("/other")).unwrap().finish(Ending::Completed { summary: json!({}) }).unwrap();

    assert_eq!(keep_house(&library.store, &library.clock, Retention::default()).unwrap(), 0);
    library.wait_days(2);
    assert_eq!(keep_house(&library.store, &library.clock, Retention::default()).unwrap(), 1);

    let left: Vec<String> = library.all().into_iter().map(|job| job.id).collect();
    assert_eq!(left.len(), 3);
    assert!(!left.contains(&old_id) && left.contains(&queued) && left.contains(&running.id().to_owned()));
}
