//! The folders that are still to be walked: a stack that several walkers share, so that memory follows the depth of the tree
//! and not its size, and the symbolic links that are followed when nothing else is left.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex};
use std::thread;

use super::roots::OpenRoot;
use super::select::Ignores;
use crate::disk::FilesystemClass;

/// A folder that is to be walked.
pub(super) struct Task {
    pub path: PathBuf,
    pub root: usize,
    pub ignores: Ignores,
    /// The disk of the folder that it was found in.
    pub device: u64,
    pub filesystem: FilesystemClass,
}

/// The folders that nobody has taken yet.
pub(super) struct Folders {
    state: Mutex<Stack>,
    changed: Condvar,
    /// Folders seen so far, by device and inode; only kept while symbolic links are followed, to end in no circle.
    seen: Option<Mutex<HashSet<(u64, u64)>>>,
}

/// A symbolic link to a folder, and which folder that is.
pub(super) struct Link {
    pub task: Task,
    pub device: u64,
    pub inode: u64,
}

struct Stack {
    tasks: Vec<Task>,
    /// Links are followed when nothing else is left, in the order of their paths, so that a folder is met at its own place
    /// first, and otherwise always at the same one.
    links: BTreeMap<PathBuf, Link>,
    /// Tasks that are being walked and may bring more.
    busy: usize,
    /// A walker failed; the others end.
    is_broken: bool,
}

impl Folders {
    pub(super) fn new(roots: &[OpenRoot], follow_symlinks: bool) -> Self {
        let there = || roots.iter().enumerate().filter(|(_, root)| !root.is_gone);
        let tasks = there()
            .map(|(root, open)| Task {
                path: open.path.clone(),
                root,
                ignores: Ignores::default(),
                device: open.ground.device,
                filesystem: open.filesystem,
            })
            .collect();
        let seen = follow_symlinks.then(|| {
            Mutex::new(there().map(|(_, root)| (root.ground.device, root.ground.inode)).collect::<HashSet<_>>())
        });
        let stack = Stack { tasks, links: BTreeMap::new(), busy: 0, is_broken: false };
        Self { state: Mutex::new(stack), changed: Condvar::new(), seen }
    }

    /// Takes a folder; waits while others may still bring some. `None` when all is walked.
    pub(super) fn take(&self) -> Option<Task> {
        let mut state = self.state.lock().expect("walkers do not panic while they hold the stack");
        loop {
            if state.is_broken {
                return None;
            }
            if let Some(task) = state.tasks.pop() {
                state.busy += 1;
                return Some(task);
            }
            if state.busy == 0 {
                let (_, Link { task, device, inode }) = state.links.pop_first()?;
                if self.is_first_meeting(device, inode) {
                    state.busy += 1;
                    return Some(task);
                }
                continue;
            }
            state = self.changed.wait(state).expect("walkers do not panic while they hold the stack");
        }
    }

    /// Gives back what a folder brought.
    pub(super) fn done(&self, Found { folders, links }: Found) {
        let mut state = self.state.lock().expect("walkers do not panic while they hold the stack");
        state.busy -= 1;
        state.tasks.extend(folders);
        state.links.extend(links.into_iter().map(|link| (link.task.path.clone(), link)));
        if state.busy == 0 || !state.tasks.is_empty() {
            self.changed.notify_all();
        }
    }

    pub(super) fn break_off(&self) {
        self.state.lock().expect("walkers do not panic while they hold the stack").is_broken = true;
        self.changed.notify_all();
    }

    /// Whether symbolic links are followed.
    pub(super) fn follow_links(&self) -> bool {
        self.seen.is_some()
    }

    /// Whether a folder is met for the first time.
    pub(super) fn is_first_meeting(&self, device: u64, inode: u64) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.lock().expect("inserting does not panic").insert((device, inode)))
    }
}

/// What a folder brought to be walked later.
#[derive(Default)]
pub(super) struct Found {
    pub folders: Vec<Task>,
    pub links: Vec<Link>,
}

/// Sees to it that nobody waits for what a walker that panicked would have brought.
pub(super) struct BreakOff<'a>(pub &'a Folders);

impl Drop for BreakOff<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.break_off();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_walker_that_panics_leaves_nobody_waiting() {
        let task = || Task {
            path: PathBuf::from("/films"),
            root: 0,
            ignores: Ignores::default(),
            device: 0,
            filesystem: FilesystemClass::Local,
        };
        let folders = Arc::new(Folders::new(&[], false));
        folders.state.lock().unwrap().tasks.push(task());
        let _task = folders.take().unwrap();
        let (said, hear) = mpsc::channel();

        // No scope, which would wait for one that waits for ever.
        let waiting = Arc::clone(&folders);
        thread::spawn(move || said.send(waiting.take().is_none()));
        let panicking = thread::spawn(move || {
            let _guard = BreakOff(&folders);
            panic!("on purpose");
        });

        assert!(panicking.join().is_err());
        assert_eq!(hear.recv_timeout(Duration::from_secs(60)), Ok(true));
    }
}
