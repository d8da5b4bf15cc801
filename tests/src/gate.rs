//! A scan that stands still where a test wants it to: in the middle of reading a file.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::Home;

/// How long a scan may take to come to its first file on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stands in for ffprobe: says when it is started, and goes on when it is let through. A home that has one has a profile
/// `gated`, which reads files with ffprobe alone; it takes those for its own that end in `.wmv`, whatever is in them.
pub struct Gate {
    started: PathBuf,
    gate: PathBuf,
}

impl Gate {
    pub fn new(home: &Home) -> Self {
        let [started, gate] = ["started", "gate"].map(|name| home.folder().join(name));
        for pipe in [&started, &gate] {
            mknodat(CWD, pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("the folder is ours");
        }
        let ffprobe = home.folder().join("ffprobe");
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in *-version*) ;; *) echo > {started}; read line < {gate};; esac\n\
             exec \"$(PATH=/usr/local/bin:/usr/bin:/bin command -v ffprobe)\" \"$@\"\n",
            started = started.display(),
            gate = gate.display(),
        );
        fs::write(&ffprobe, script).expect("the folder is ours");
        fs::set_permissions(&ffprobe, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        home.write("config.kdl", format!("tools {{\n    ffprobe \"{}\"\n}}\n", ffprobe.display()));
        home.write(
            "profiles/gated.kdl",
            "introspect \"ffprobe\"\ngrant \"ffprobe\" tool=\"ffprobe\"\nscan threads=1\n",
        );
        Self { started, gate }
    }

    /// Returns when a file is being read.
    pub fn wait(&self) {
        let (started, heard) = (self.started.clone(), mpsc::channel());
        let said = heard.0;
        thread::spawn(move || {
            let mut byte = [0];
            let read = File::open(&started).and_then(|mut pipe| pipe.read(&mut byte));
            let _ = said.send(read);
        });
        heard.1.recv_timeout(PATIENCE).expect("a file is read in time").expect("a pipe of ours");
    }

    /// Lets this and every later reading through.
    pub fn open(&self) {
        // Both ends are opened, so that nobody has to be waiting; what is written stays for whoever comes.
        let open = |path| OpenOptions::new().read(true).write(true).open(path).expect("a pipe of ours");
        let (started, mut gate) = (open(&self.started), open(&self.gate));
        gate.write_all(&[b'\n'; 64]).expect("a pipe holds that much");
        // Open as long as the test runs.
        std::mem::forget((started, gate));
    }
}
