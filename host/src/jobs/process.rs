//! Which process runs a job, and whether it still does.
//!
//! Numbers of processes come again, so the start time and the boot stand beside them. In another pid namespace (a
//! container that shares the library) the number says nothing, and only the heartbeat is left to judge by.

use std::fs;
use std::path::Path;

use crate::store::jobs::{JobRow, ProcessMark};

/// A job of another namespace whose heart has not beaten for this long is given up.
const SILENCE_NS: i64 = 10 * 60 * 1_000_000_000;

/// Where the system tells of its processes; another folder in tests.
#[derive(Debug, Clone)]
pub struct Processes<'a>(&'a Path);

impl Processes<'static> {
    pub fn of_system() -> Self {
        Self(Path::new("/proc"))
    }
}

impl<'a> Processes<'a> {
    pub fn below(proc: &'a Path) -> Self {
        Self(proc)
    }

    /// The mark of the process that asks.
    pub fn mine(&self) -> ProcessMark {
        let pid = std::process::id();
        ProcessMark { pid, boot_id: self.boot_id(), started: self.started(pid).unwrap_or(0) }
    }

    /// The process of a running job no longer exists.
    pub fn is_gone(&self, job: &JobRow, now_ns: i64) -> bool {
        // Jobs of the earlier program have no mark of ours, and that program does not run on our database.
        let Some(mark) = &job.process else { return true };
        let here = self.boot_id();
        let (boot, namespace) = parts(&mark.boot_id);
        let (boot_here, namespace_here) = parts(&here);
        if boot != boot_here {
            return true;
        }
        if namespace != namespace_here {
            return job.heartbeat_ns.is_none_or(|beat_ns| now_ns.saturating_sub(beat_ns) > SILENCE_NS);
        }
        self.started(mark.pid) != Some(mark.started)
    }

    fn boot_id(&self) -> String {
        let boot = fs::read_to_string(self.0.join("sys/kernel/random/boot_id")).unwrap_or_default();
        let namespace = fs::read_link(self.0.join("self/ns/pid")).unwrap_or_default();
        format!("{} {}", boot.trim(), namespace.display()).trim_end().to_owned()
    }

    /// When a process started; `None` when there is none, or only what is left of one until its parent looks.
    fn started(&self, pid: u32) -> Option<i64> {
        let stat = fs::read_to_string(self.0.join(pid.to_string()).join("stat")).ok()?;
        // The name stands in parentheses and may hold spaces and parentheses itself.
        let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
        let state = fields.next()?;
        if matches!(state, "Z" | "X") {
            return None;
        }
        // Field 22 of the line; the state is field 3.
        fields.nth(18)?.parse().ok()
    }
}

fn parts(boot_id: &str) -> (&str, &str) {
    boot_id.split_once(' ').unwrap_or((boot_id, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::jobs::{JobStatus, JobType};

    fn job(mark: Option<ProcessMark>, heartbeat_ns: Option<i64>) -> JobRow {
        JobRow {
            id: String::new(),
            parent_id: None,
            job_type: JobType::Scan,
            status: JobStatus::Running,
            created_ns: 0,
            started_ns: Some(0),
            completed_ns: None,
            process: mark,
            heartbeat_ns,
            cancel_requested: false,
            files_affected: 0,
            profile: None,
            path: None,
            log_file: None,
            summary: None,
            error_message: None,
        }
    }

    #[test]
    fn this_process_is_not_gone() {
        let processes = Processes::of_system();

        let mine = processes.mine();

        assert!(mine.started > 0);
        assert!(!processes.is_gone(&job(Some(mine), None), 0));
    }

    #[test]
    fn a_process_with_the_same_number_but_another_start_or_boot_is_another() {
        let processes = Processes::of_system();
        let mine = processes.mine();

        let reused = ProcessMark { started: mine.started + 1, ..mine.clone() };
        let rebooted = ProcessMark { boot_id: format!("x{}", mine.boot_id), ..mine };

        assert!(processes.is_gone(&job(Some(reused), None), 0));
        assert!(processes.is_gone(&job(Some(rebooted), Some(0)), 0));
        assert!(processes.is_gone(&job(None, Some(0)), 0));
    }

    #[test]
    fn in_another_namespace_the_heartbeat_decides() {
        let processes = Processes::of_system();
        let mine = processes.mine();
        let elsewhere = ProcessMark { boot_id: format!("{} pid:[1]", parts(&mine.boot_id).0), pid: 4_194_305, ..mine };

        assert!(!processes.is_gone(&job(Some(elsewhere.clone()), Some(0)), SILENCE_NS));
        assert!(processes.is_gone(&job(Some(elsewhere.clone()), Some(0)), SILENCE_NS + 1));
        assert!(processes.is_gone(&job(Some(elsewhere), None), 0));
    }

    #[test]
    fn a_name_with_parentheses_does_not_hide_the_start_and_a_zombie_is_gone() {
        let proc = tempfile::tempdir().unwrap();
        let fields = "1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0";
        for (pid, state) in [(7, 'S'), (8, 'Z')] {
            fs::create_dir(proc.path().join(pid.to_string())).unwrap();
            fs::write(proc.path().join(format!("{pid}/stat")), format!("{pid} (a) b) {state} {fields}")).unwrap();
        }

        let processes = Processes::below(proc.path());

        assert_eq!(processes.started(7), Some(777));
        assert_eq!(processes.started(8), None);
        assert_eq!(processes.started(9), None);
    }
}
