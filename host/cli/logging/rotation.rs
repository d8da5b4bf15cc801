//! A log file that several processes may append to, and that is put aside when it has grown.
//!
//! Lines are appended whole, in one write each. Whoever finds the file grown puts it aside while holding a lock on the
//! folder; the others see another file under the name and go on with that. The numbering and the removal of what is too old
//! is `file-rotate`'s work.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use rustix::fs::{FlockOperation, flock};

pub struct LogFile {
    path: PathBuf,
    limit: u64,
    keep: usize,
    make_folder: bool,
    open: Option<File>,
}

impl LogFile {
    /// Names a file; it is opened when the first line comes, unless [`LogFile::open`] is called before.
    pub fn new(path: &Path, limit: u64, keep: usize, make_folder: bool) -> Self {
        Self { path: path.to_owned(), limit, keep, make_folder, open: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(&mut self) -> io::Result<()> {
        let folder = self.folder();
        if self.make_folder && !folder.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        self.open = Some(opening().open(&self.path)?);
        Ok(())
    }

    /// Appends a whole line.
    pub fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if self.open.is_none() || !self.is_current()? {
            self.open()?;
        }
        if self.has_grown(line.len())? {
            self.put_aside(line.len())?;
        }
        let file = self.open.as_mut().expect("opened above");
        let written = loop {
            match file.write(line) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => break written?,
            }
        };
        if written < line.len()
            && let Err(error) = file.write_all(&line[written..])
        {
            take_back(file, written);
            return Err(error);
        }
        Ok(())
    }

    /// The open file is the one that stands under the name.
    fn is_current(&self) -> io::Result<bool> {
        let Some(file) = &self.open else { return Ok(false) };
        match fs::metadata(&self.path) {
            Ok(there) => {
                let here = file.metadata()?;
                Ok((there.dev(), there.ino()) == (here.dev(), here.ino()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn has_grown(&self, more: usize) -> io::Result<bool> {
        let Some(file) = &self.open else { return Ok(false) };
        let metadata = file.metadata()?;
        // A terminal, a pipe or a device cannot be put aside.
        Ok(metadata.is_file() && metadata.len() > 0 && metadata.len() + more as u64 > self.limit)
    }

    fn put_aside(&mut self, more: usize) -> io::Result<()> {
        let folder = File::open(self.folder())?;
        flock(&folder, FlockOperation::LockExclusive)?;
        // Somebody else may have done it while this one waited.
        if !self.is_current()? {
            self.open()?;
        }
        if self.has_grown(more)? {
            let numbering = AppendCount::new(self.keep);
            let mut rotate =
                FileRotate::new(&self.path, numbering, ContentLimit::None, Compression::None, Some(opening()));
            // A file that cannot be put aside grows on; that is better than a log that stops.
            let _ = rotate.rotate();
            self.open()?;
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}

fn opening() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    options
}

/// Removes the beginning of a line whose end found no room, unless somebody has appended since.
fn take_back(file: &File, written: usize) {
    if let Ok(metadata) = file.metadata()
        && metadata.is_file()
    {
        let _ = file.set_len(metadata.len().saturating_sub(written as u64));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn all_lines(folder: &Path) -> Vec<String> {
        files(folder)
            .iter()
            .flat_map(|name| {
                let content = fs::read_to_string(folder.join(name)).unwrap();
                assert!(content.ends_with('\n'), "{name} ends within a line");
                content.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn the_configured_number_of_files_is_left_and_none_is_larger_than_it_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::new(&folder.path().join("vpo.log"), 100, 3, false);

        for n in 0..200 {
            log.append(format!("line {n:04}\n").as_bytes()).unwrap();
        }

        assert_eq!(files(folder.path()), ["vpo.log", "vpo.log.1", "vpo.log.2", "vpo.log.3"]);
        for name in files(folder.path()) {
            assert!(fs::metadata(folder.path().join(name)).unwrap().len() <= 100);
        }
        assert!(fs::read_to_string(folder.path().join("vpo.log")).unwrap().contains("line 0199"));
    }

    #[test]
    fn no_line_is_lost_or_torn_while_several_write_and_the_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vpo.log");

        std::thread::scope(|scope| {
            for writer in 0..4 {
                let mut log = LogFile::new(&path, 2000, 1000, false);
                scope.spawn(move || {
                    for n in 0..500 {
                        log.append(format!("writer {writer} line {n:04}\n").as_bytes()).unwrap();
                    }
                });
            }
        });

        let lines = all_lines(folder.path());
        assert_eq!(lines.len(), 2000);
        assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), 2000);
        assert!(files(folder.path()).len() > 10);
    }

    #[test]
    fn a_file_that_somebody_moved_away_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::new(&folder.path().join("vpo.log"), 1 << 20, 3, false);

        log.append(b"one\n").unwrap();
        fs::rename(folder.path().join("vpo.log"), folder.path().join("elsewhere")).unwrap();
        log.append(b"two\n").unwrap();

        assert_eq!(fs::read_to_string(folder.path().join("vpo.log")).unwrap(), "two\n");
    }

    #[test]
    fn a_line_longer_than_a_file_may_be_is_written_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::new(&folder.path().join("vpo.log"), 10, 1, false);

        log.append(&[b'x'; 50]).unwrap();
        log.append(&[b'y'; 50]).unwrap();

        assert_eq!(files(folder.path()), ["vpo.log", "vpo.log.1"]);
    }
}
