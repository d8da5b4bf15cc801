//! `vpo jobs show ID --log`: the lines of the log that belong to a job.
//!
//! Every line that a job causes carries its id, as a field or in its span; rotated files are read from the oldest on.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use vpo::library::{JobReport, Library};
use vpo::media::text;

use crate::render::{Exit, Mistake, Screen};

/// How often a followed log is looked at again.
const PAUSE: Duration = Duration::from_millis(200);

pub fn show(report: &JobReport, follow: bool, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let id = &report.row.id;
    let Some(path) = &report.row.log_file else {
        return Err(Mistake::misused("JOB_WITHOUT_LOG", format!("job {id} logged to no file")));
    };
    for rotated in rotated(path) {
        if let Ok(file) = File::open(&rotated) {
            let mut lines = BufReader::new(file);
            print_new(&mut lines, id, screen);
        }
    }
    let file = File::open(path).map_err(|cause| {
        Mistake::misused("LOG_UNREADABLE", format!("{} cannot be read", text::path(path))).caused_by(&cause)
    })?;
    let mut lines = BufReader::new(file);
    print_new(&mut lines, id, screen);
    if follow {
        follow_to_end(lines, path, id, library, screen);
    }
    Ok(Exit::Fine)
}

/// Prints what is logged until the job is over.
fn follow_to_end(mut lines: BufReader<File>, path: &Path, id: &str, library: &Library, screen: &Screen) {
    loop {
        let is_over = library.find_job(id).map_or(true, |job| job.status.is_over());
        print_new(&mut lines, id, screen);
        if is_over {
            return;
        }
        thread::sleep(PAUSE);
        if let Some(fresh) = replaced(&lines, path) {
            // The rest of the file that was rotated away, then the new one from its beginning.
            print_new(&mut lines, id, screen);
            lines = BufReader::new(fresh);
        }
    }
}

/// Prints the lines that were added, as far as they are complete.
fn print_new(lines: &mut BufReader<File>, id: &str, screen: &Screen) {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&line);
        if text.contains(id) {
            screen.say(text.trim_end_matches('\n'));
        }
        line.clear();
    }
}

/// The files that were rotated away, oldest first.
fn rotated(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for number in 1.. {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        let older = PathBuf::from(name);
        if !older.exists() {
            break;
        }
        found.push(older);
    }
    found.reverse();
    found
}

/// The file that stands at the path now, when it is another one than the one being read.
fn replaced(lines: &BufReader<File>, path: &Path) -> Option<File> {
    use std::os::unix::fs::MetadataExt;

    let fresh = File::open(path).ok()?;
    let (now, open) = (fresh.metadata().ok()?, lines.get_ref().metadata().ok()?);
    (now.ino() != open.ino()).then_some(fresh)
}
