//! A home and a library in a temporary folder, and the program run in it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::Outcome;
use crate::build::{program, scratch};
use crate::film;

/// A profile that keeps what is in English, in order, the sound as the default.
pub const KEEP_ENGLISH: &str = r#"
policy "tracks" {
    audio "eng" fallback="keep-all"
    subtitle "eng"
    order "video" "audio-main" "audio-other" "subtitle-main"
    default audio="first" subtitle="none"
}
allow "remove-track" "reorder"
"#;

/// A place where a person would use vpo: `home/` for its own files, `films/` for theirs.
pub struct Home {
    folder: TempDir,
    /// Run as a user who has no power over the files of others.
    powerless: bool,
    /// Compiled components are kept in it, instead of in the cache that all tests share.
    has_own_cache: bool,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    /// Makes an empty home and an empty folder of films.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("vpo-").tempdir().expect("the temporary folder is writable");
        for name in ["home", "films"] {
            fs::create_dir(folder.path().join(name)).expect("the folder was just made");
        }
        Self { folder, powerless: false, has_own_cache: false }
    }

    /// Makes one whose compiled components are its own, in the folder `cache`.
    pub fn with_own_cache() -> Self {
        Self { has_own_cache: true, ..Self::new() }
    }

    /// Makes one with a scanned film in English and Japanese, `Heat.mkv`, and the profile `kids` of this text.
    pub fn to_change(kids: &str) -> Self {
        let home = Self::new();
        home.put("Heat.mkv", &film("heat"));
        home.write("profiles/kids.kdl", kids);
        home.vpo(["scan", "[films]"]).exits(0);
        home
    }

    /// Returns the temporary folder itself.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the folder of vpo's own files.
    pub fn own(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Returns the folder of films, or what lies at a path in it.
    pub fn films(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("films").join(path)
    }

    /// Copies a file among the films, as if it had been there for a day.
    pub fn put(&self, name: impl AsRef<Path>, source: &Path) -> PathBuf {
        let target = self.films(name);
        fs::create_dir_all(target.parent().expect("a file has a folder")).expect("the films are writable");
        fs::copy(source, &target).expect("media is readable and the films are writable");
        age(&target, Duration::from_secs(24 * 3600));
        target
    }

    /// Writes a file among vpo's own, such as `profiles/kids.kdl`.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let target = self.own().join(name);
        fs::create_dir_all(target.parent().expect("a file has a folder")).expect("the home is writable");
        fs::write(&target, text).expect("the home is writable");
        target
    }

    /// Writes the profile `test` for the films.
    pub fn write_profile(&self, text: &str) {
        let library = self.films("").display().to_string();
        self.write("profiles/test.kdl", format!("library {library:?}\n{text}\n"));
    }

    /// Drops a component into the plugins folder.
    pub fn drop_plugin(&self, name: &str, component: &Path) -> PathBuf {
        self.write(&format!("plugins/{name}"), fs::read(component).expect("a component is readable"))
    }

    /// Runs the program to its end. In an argument, `[films]` stands for the folder of films and `[home]` for vpo's own.
    pub fn vpo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        let mut command = self.command(arguments);
        let output = command.output().expect("the program runs");
        Outcome::new(&command, self.folder(), output)
    }

    /// Scans the films, for an answer in JSON.
    pub fn scan(&self, options: &[&str]) -> Outcome {
        self.vpo(["scan", "--json", "[films]"].iter().chain(options))
    }

    /// Lists jobs, newest first.
    pub fn jobs(&self, filters: &[&str]) -> Vec<serde_json::Value> {
        let answer = self.vpo([&["jobs", "list", "--json"], filters].concat()).exits(0).json();
        answer.as_array().expect("a list is an array").clone()
    }

    /// Starts the program and leaves it running.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
    }

    /// Returns the program with its arguments and an environment in which nothing of this machine shows.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments.into_iter().map(|argument| self.expand(argument.as_ref())))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("VPO_HOME", self.own())
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null())
            .current_dir(self.folder());
        if self.powerless {
            command.uid(NOBODY).gid(NOBODY);
        }
        // Shared where that can be, so that components are compiled once and not once for each test.
        let is_shared = !self.powerless && !self.has_own_cache;
        command.env("XDG_CACHE_HOME", if is_shared { scratch("cache") } else { self.folder().join("cache") });
        command
    }

    /// Has the program run from now on as a user whom permissions stop. Returns whether that is possible here.
    pub fn give_up_power(&mut self) -> bool {
        if !rustix::process::geteuid().is_root() {
            return true;
        }
        let reachable = program().ancestors().skip(1).all(|folder| {
            folder.as_os_str().is_empty()
                || fs::metadata(folder).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0)
        });
        if !reachable {
            eprintln!("skipped: the program cannot be reached by another user than root");
            return false;
        }
        let mut ways = vec![self.folder().to_owned()];
        while let Some(path) = ways.pop() {
            std::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY)).expect("root may give files away");
            if path.is_dir() && !path.is_symlink() {
                ways.extend(fs::read_dir(&path).expect("readable").map(|entry| entry.expect("readable").path()));
            }
        }
        self.powerless = true;
        true
    }

    /// Opens the database for reading.
    pub fn database(&self) -> Connection {
        let path = self.own().join("library.db");
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database is there")
    }

    /// Returns every row of `files`, as text: what must not change when nothing is written.
    pub fn file_rows(&self) -> Vec<String> {
        let database = self.database();
        let mut rows = database.prepare("SELECT * FROM files ORDER BY id").expect("the table is there");
        let columns = rows.column_count();
        rows.query_map([], |row| (0..columns).map(|at| Ok(format!("{:?}", row.get_ref(at)?))).collect())
            .expect("a query without parameters")
            .collect::<Result<_, _>>()
            .expect("rows are readable")
    }

    /// Returns the id of the file of this name, whatever folder it is in.
    pub fn file_id(&self, name: &str) -> Option<i64> {
        let query = "SELECT id FROM files WHERE name = ?1";
        self.database().query_row(query, [name.as_bytes()], |row| row.get(0)).ok()
    }

    /// Reads a film; returns kind and language of each track.
    pub fn languages(&self, name: &str) -> Vec<String> {
        let facts = self.vpo(["inspect", "--json", &format!("[films]/{name}")]).exits(0).json();
        let tracks = facts["tracks"].as_array().expect("facts have tracks");
        let word = |track: &serde_json::Value, key: &str| track[key].as_str().expect("it is a text").to_owned();
        tracks.iter().map(|track| format!("{} {}", word(track, "type"), word(track, "language"))).collect()
    }

    /// Returns how many films are recorded as missing.
    pub fn missing(&self) -> i64 {
        let query = "SELECT count(*) FROM files WHERE missing_since_ns IS NOT NULL";
        self.database().query_row(query, [], |row| row.get(0)).expect("counting works")
    }

    fn expand(&self, argument: &OsStr) -> OsString {
        let Some(text) = argument.to_str() else {
            return argument.to_owned();
        };
        let path = |name: &str| self.folder().join(name).to_string_lossy().into_owned();
        text.replace("[films]", &path("films")).replace("[home]", &path("home")).into()
    }
}

/// Who runs the program when the tests themselves run as root.
const NOBODY: u32 = 65_534;

/// Sets the modification time of a file this far into the past.
pub fn age(path: &Path, by: Duration) {
    let file = File::options().append(true).open(path).expect("the file is writable");
    let times = FileTimes::new().set_modified(SystemTime::now() - by);
    file.set_times(times).expect("the file is ours");
}

/// Returns the bytes of the film `heat` with another title of the same length.
pub fn with_other_title(heat: &Path) -> Vec<u8> {
    let mut bytes = fs::read(heat).expect("the film is readable");
    let title = bytes.windows(4).position(|bytes| bytes == b"heat").expect("it has its title");
    bytes[title] = b'H';
    bytes
}

/// Returns the names of what lies in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
