//! Where finished lines go: file, stderr, or both; when the file cannot be had, stderr, with one warning.

use std::io::{self, Write};
use std::path::Path;

use serde_json::Map;
use tracing::Level;
use vpo::media::text;

use super::LoggingChoice;
use super::lines::Line;
use super::rotation::LogFile;

/// The receiving end of the log. Writing never fails: what cannot be written is of no use to the one who logs.
pub struct Output<E = io::Stderr> {
    file: Option<LogFile>,
    json: bool,
    to_stderr: bool,
    stderr: E,
}

impl Output {
    pub fn new(choice: &LoggingChoice) -> Self {
        Self::with_stderr(choice, io::stderr())
    }
}

impl<E: Write> Output<E> {
    fn with_stderr(choice: &LoggingChoice, stderr: E) -> Self {
        let mut output = Self { file: None, json: choice.json, to_stderr: choice.stderr, stderr };
        if let Some(path) = &choice.file {
            let mut file = LogFile::new(path, choice.rotate_size, choice.rotate_keep, !choice.is_file_named);
            match if choice.is_file_named { file.open() } else { Ok(()) } {
                Ok(()) => output.file = Some(file),
                Err(cause) => output.fall_back(path, &cause),
            }
        }
        output
    }

    fn fall_back(&mut self, path: &Path, cause: &io::Error) {
        self.to_stderr = true;
        let mut context = Map::new();
        context.insert("file".to_owned(), text::path(path).into());
        context.insert("error".to_owned(), cause.to_string().into());
        let message = "the log file cannot be written, stderr is used instead";
        let line = Line::now(&Level::WARN, "vpo::logging", message, &context).written(self.json);
        let _ = self.stderr.write_all(line.as_bytes());
    }
}

impl<E: Write> Write for Output<E> {
    /// Takes one whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file
            && let Err(cause) = file.append(line)
        {
            let path = file.path().to_owned();
            self.file = None;
            self.fall_back(&path, &cause);
        }
        if self.to_stderr {
            let _ = self.stderr.write_all(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.stderr.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;

    fn choice(file: &Path) -> LoggingChoice {
        LoggingChoice {
            filter: "info".to_owned(),
            file: Some(file.to_owned()),
            is_file_named: true,
            json: false,
            stderr: false,
            rotate_size: 1 << 20,
            rotate_keep: 2,
        }
    }

    fn written_to(choice: &LoggingChoice, lines: &[&str]) -> String {
        let mut stderr = Vec::new();
        let mut output = Output::with_stderr(choice, &mut stderr);
        for line in lines {
            output.write_all(line.as_bytes()).unwrap();
        }
        drop(output);
        String::from_utf8(stderr).unwrap()
    }

    #[test]
    fn a_file_that_can_be_written_leaves_stderr_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vpo.log");

        let stderr = written_to(&choice(&file), &["one\n", "two\n"]);

        assert_eq!(stderr, "");
        assert_eq!(fs::read_to_string(file).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_file_that_cannot_be_opened_gives_one_warning_and_every_line_on_stderr() {
        let stderr = written_to(&choice(Path::new("/nowhere/at/all/vpo.log")), &["one\n", "two\n"]);

        assert_eq!(stderr.matches(" WARN ").count(), 1);
        assert!(stderr.contains("/nowhere/at/all/vpo.log") && stderr.ends_with("one\ntwo\n"), "{stderr}");
    }

    #[test]
    fn a_disk_that_is_full_gives_one_warning_and_every_line_on_stderr_once() {
        let full = Path::new("/dev/full");

        let stderr = written_to(&choice(full), &["one\n", "two\n"]);
        let both = written_to(&LoggingChoice { stderr: true, ..choice(full) }, &["one\n", "two\n"]);

        for stderr in [stderr, both] {
            assert_eq!(stderr.matches(" WARN ").count(), 1);
            assert!(stderr.ends_with("one\ntwo\n") && stderr.matches("one").count() == 1, "{stderr}");
        }
    }

    #[test]
    fn the_warning_of_a_json_log_is_json() {
        let stderr = written_to(&LoggingChoice { json: true, ..choice(Path::new("/dev/full")) }, &["{}\n"]);

        for line in stderr.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
        assert_eq!(stderr.lines().count(), 2);
    }

    #[test]
    fn a_file_that_the_settings_name_is_made_with_its_folder_at_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logs/vpo.log");
        let choice = LoggingChoice { is_file_named: false, ..choice(&file) };

        assert_eq!(written_to(&choice, &[]), "");
        assert!(!file.exists());

        assert_eq!(written_to(&choice, &["one\n"]), "");
        assert_eq!(fs::read_to_string(file).unwrap(), "one\n");
    }
}
