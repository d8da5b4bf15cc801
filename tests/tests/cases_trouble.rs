//! What goes wrong while scanning: broken files, files that change, interruption, company.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::thread;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use vpo_tests::{Home, begun_by, film, snapshot};

/// A home with so many films that a scan of them takes a while.
fn many_films(count: usize) -> Home {
    let home = Home::new();
    let film = fs::read(film("heat")).unwrap();
    for number in 0..count {
        let folder = home.films(format!("{:02}", number / 100));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{number:05}.mkv")), &film).unwrap();
    }
    home
}

/// Waits until the first films of a running scan are recorded, and returns how many.
fn first_recorded(home: &Home, scan: &mut Child) -> i64 {
    loop {
        assert_eq!(scan.try_wait().unwrap(), None, "the scan ended before anything was recorded");
        if home.own().join("library.db").exists() {
            let recorded = home.database().query_row("SELECT count(*) FROM facts", [], |row| row.get(0)).unwrap_or(0);
            if recorded > 0 {
                return recorded;
            }
        }
        thread::yield_now();
    }
}

/// Writes the profile `mine`, in which ffprobe reads films called `.mpg`, and an ffprobe that does this first. Returns a PATH with it.
fn with_ffprobe(home: &Home, first: &str) -> OsString {
    let library = home.films("").display().to_string();
    let reader = "introspect \"ffprobe\"\ngrant \"ffprobe\" tool=\"ffprobe\"";
    home.write("profiles/mine.kdl", format!("library {library:?}\n{reader}\n"));
    let path = env::var_os("PATH").unwrap();
    // Asked for its version, it only says it.
    let script = format!(
        "#!/bin/sh\nfor film; do :; done\ncase \"$1\" in -version) ;; *)\n{first}\n;; esac\nPATH={:?} exec ffprobe \"$@\"\n",
        path.to_str().unwrap()
    );
    let ffprobe = home.write("bin/ffprobe", script);
    fs::set_permissions(&ffprobe, fs::Permissions::from_mode(0o755)).unwrap();
    let folders = [ffprobe.parent().unwrap().to_owned()].into_iter().chain(env::split_paths(&path));
    env::join_paths(folders).unwrap()
}

fn signal(scan: &Child, signal: Signal) {
    kill_process(Pid::from_child(scan), signal).unwrap();
}

fn recorded(home: &Home) -> i64 {
    home.database().query_row("SELECT count(*) FROM facts", [], |row| row.get(0)).unwrap()
}

#[test]
fn case_16_hidden_files_and_folders_are_no_films() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("._Heat.mkv", &film("heat"));
    home.put(".trash/Alien.mkv", &film("alien"));

    let scan = home.scan(&[]);

    assert_eq!(scan.summary(), [1, 0, 1, 1, 0, 0, 0], "{scan}");
}

#[test]
fn case_16_broken_films_are_errors_with_a_reason_and_are_tried_again() {
    let home = Home::new();
    let heat = home.put("Heat.mkv", &film("heat"));
    let sound = fs::read(heat).unwrap();
    fs::write(home.films("zero-bytes.mkv"), "").unwrap();
    fs::write(home.films("cut-after-300-bytes.mkv"), &sound[..300]).unwrap();
    let random: Vec<u8> = (0..9999u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(home.films("random-bytes.mkv"), random).unwrap();

    let first = home.scan(&[]);

    assert_eq!(first.exit, 1, "{first}");
    assert_eq!((first.summary()[0], first.summary()[6]), (4, 3), "{first}");
    let failed = first.json()["failed"].as_array().unwrap().clone();
    let mut named: Vec<_> =
        failed.iter().map(|file| file["path"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, ["cut-after-300-bytes.mkv", "random-bytes.mkv", "zero-bytes.mkv"], "the answer names them");
    assert!(failed.iter().all(|file| file["outcome"] == "error" && file["reason"].is_string()), "{failed:?}");
    snapshot!("words", home.vpo(["scan", "[films]"]).sorted());
    fs::write(home.films("zero-bytes.mkv"), &sound).unwrap();
    let again = home.scan(&[]);
    assert_eq!((again.summary()[1], again.summary()[6]), (1, 2), "the broken ones are tried again: {again}");
}

#[test]
fn case_16_a_broken_film_is_an_error_under_each_of_its_names() {
    let home = Home::new();
    fs::write(home.films("one.mkv"), "no film").unwrap();
    fs::hard_link(home.films("one.mkv"), home.films("two.mkv")).unwrap();

    for added in [2, 0] {
        let broken = home.scan(&[]);

        assert_eq!(broken.summary(), [2, 0, 0, added, 0, 0, 2], "{broken}");
        assert_eq!(home.file_rows().len(), 2);
    }
}

#[test]
fn case_16_nothing_is_known_of_a_film_that_broke() {
    let home = Home::new();
    let heat = home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    fs::write(&heat, "no film any more").unwrap();

    home.scan(&[]).exits(1);

    assert_eq!(recorded(&home), 0, "what was in it is not in it now");
    home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    assert_eq!(recorded(&home), 1);
}

#[test]
fn case_17_a_film_that_grows_while_it_is_read_is_left_for_the_next_scan() {
    let home = Home::new();
    home.put("Heat.mpg", &film("heat"));
    let path = with_ffprobe(&home, "printf x >>\"$film\"");

    let scan = home.command(["scan", "--profile", "mine"]).env("PATH", path).output().unwrap();

    let said = String::from_utf8_lossy(&[scan.stdout, scan.stderr].concat()).into_owned();
    assert!(said.contains("Heat.mpg"), "{said}");
    assert_eq!(recorded(&home), 0, "{said}");
    let next = home.vpo(["scan", "--profile", "mine", "--json"]);
    assert_eq!((next.exit, next.summary()[2]), (0, 1), "{next} {}", home.vpo(["scan", "--profile", "mine"]));
    assert_eq!(recorded(&home), 1);
}

#[test]
fn case_18_an_interrupted_scan_keeps_what_it_has_and_goes_on_next_time() {
    const FILMS: usize = 4000;
    let home = many_films(FILMS);
    let mut running = home.start(["scan", "[films]"]);
    first_recorded(&home, &mut running);
    signal(&running, Signal::INT);

    let output = running.wait_with_output().unwrap();

    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = recorded(&home);
    assert!(0 < kept && kept < FILMS as i64, "{kept} were recorded");
    let failed: i64 =
        home.database().query_row("SELECT count(*) FROM files WHERE state = 'error'", [], |row| row.get(0)).unwrap();
    assert_eq!(failed, 0);
    let jobs = home.vpo(["jobs", "list", "--json"]).json();
    assert_eq!(jobs[0]["status"], "cancelled");
    let rest = home.scan(&[]);
    assert_eq!((rest.exit, rest.summary()[0]), (0, FILMS as u64), "{rest}");
    assert_eq!(rest.summary()[1], kept as u64, "what was read is not read again: {rest}");
    assert_eq!(recorded(&home), FILMS as i64);
}

#[test]
fn case_18_a_closed_terminal_ends_a_scan_in_order() {
    let (home, path, _pipe) = with_endless_scan();
    fs::copy(film("alien"), home.films("one/Ran.mkv")).unwrap();

    // The kernel tells of it, and then the shell.
    let exit = stop_when_recorded(&home, &path, "one", "Ran.mkv", &[Signal::HUP, Signal::HUP]);

    assert_eq!(exit, Some(130));
    let jobs = home.vpo(["jobs", "list", "--json"]).json();
    assert_eq!(jobs[0]["status"], "cancelled", "{jobs}");
}

#[test]
fn case_18_a_scan_under_nohup_outlives_its_terminal() {
    let (home, path, mut pipe) = with_endless_scan();
    fs::copy(film("alien"), home.films("one/Ran.mkv")).unwrap();
    fs::write(home.films("one").join("Endless.mpg"), "for ffprobe").unwrap();
    let vpo = home.command(["scan", "-p", "mine", "[films]/one"]);
    let mut nohup = begun_by(&["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"], &vpo);
    let mut running = nohup.env("PATH", path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until_recorded(&home, &mut running, "Ran.mkv");

    signal(&running, Signal::HUP);
    pipe.write_all(b"go\n").unwrap();

    // What waited for the pipe is no film.
    assert_eq!(running.wait().unwrap().code(), Some(1));
    let jobs = home.vpo(["jobs", "list", "--json"]).json();
    assert_eq!(jobs[0]["status"], "completed", "{jobs}");
}

/// A home whose next scan with the profile `mine` records what is new, and then waits for one film; the PATH that it needs,
/// and what it waits for the end of.
fn with_endless_scan() -> (Home, OsString, File) {
    let home = Home::new();
    home.put("one/Heat.mkv", &film("heat"));
    for (name, title) in [("one/Alien.mkv", "alien"), ("two/Brazil.mkv", "other")] {
        home.put(name, &film(title));
    }
    let pipe = home.folder().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let path = with_ffprobe(&home, &format!("read go <{:?}", pipe.display().to_string()));
    home.write("profiles/mine.kdl", "introspect \"matroska\" \"ffprobe\"\ngrant \"ffprobe\" tool=\"ffprobe\"\n");
    for folder in ["one", "two"] {
        home.vpo(["scan", "-p", "mine", &format!("[films]/{folder}")]).exits(0);
    }
    let pipe = File::options().read(true).write(true).open(pipe).unwrap();
    (home, path, pipe)
}

/// Starts a scan that will not end, and stops it when a film is recorded under this name. Returns how it exited.
fn stop_when_recorded(home: &Home, path: &OsString, folder: &str, name: &str, how: &[Signal]) -> Option<i32> {
    fs::write(home.films(folder).join("Endless.mpg"), "for ffprobe").unwrap();
    let scan = home.command(["scan", "-p", "mine", &format!("[films]/{folder}")]);
    // Whoever runs the tests may have told them to outlive a terminal, which is inherited.
    let mut scan = begun_by(&["env", "--default-signal=HUP"], &scan);
    let mut running = scan.env("PATH", path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until_recorded(home, &mut running, name);
    how.iter().for_each(|how| signal(&running, *how));
    let exit = running.wait().unwrap().code();
    fs::remove_file(home.films(folder).join("Endless.mpg")).unwrap();
    exit
}

fn wait_until_recorded(home: &Home, scan: &mut Child, name: &str) {
    while home.file_id(name).is_none() {
        assert_eq!(scan.try_wait().unwrap(), None, "the scan ended");
        thread::yield_now();
    }
}

#[test]
fn case_18_a_film_that_moved_keeps_its_id_though_a_scan_was_stopped_in_between() {
    for how in [Signal::INT, Signal::KILL] {
        let (home, path, _pipe) = with_endless_scan();
        let id = home.file_id("Heat.mkv").unwrap();
        fs::rename(home.films("one/Heat.mkv"), home.films("one/Heat (1995).mkv")).unwrap();
        stop_when_recorded(&home, &path, "one", "Heat (1995).mkv", &[how]);
        assert_eq!(home.file_id("Heat.mkv"), Some(id), "nothing is concluded of the old place");

        let foreseen = home.vpo(["scan", "-p", "mine", "--json", "--dry-run", "[films]/one"]);
        let next = home.vpo(["scan", "-p", "mine", "--json", "[films]/one"]);

        assert_eq!(next.summary(), [2, 2, 0, 0, 1, 0, 0], "{next}");
        assert_eq!(foreseen.summary(), next.summary(), "{foreseen}");
        assert_eq!((home.file_id("Heat (1995).mkv"), home.file_id("Heat.mkv")), (Some(id), None));
    }
}

#[test]
fn case_18_so_it_does_when_the_scan_of_its_new_root_was_stopped() {
    let (home, path, _pipe) = with_endless_scan();
    let id = home.file_id("Heat.mkv").unwrap();
    fs::rename(home.films("one/Heat.mkv"), home.films("two/Heat (1995).mkv")).unwrap();
    let gone = home.vpo(["scan", "-p", "mine", "--json", "[films]/one"]);
    assert_eq!(gone.summary()[5], 1, "{gone}");
    stop_when_recorded(&home, &path, "two", "Heat (1995).mkv", &[Signal::INT]);

    let foreseen = home.vpo(["scan", "-p", "mine", "--json", "--dry-run", "[films]/two"]);
    let next = home.vpo(["scan", "-p", "mine", "--json", "[films]/two"]);

    assert_eq!(next.summary(), [2, 2, 0, 0, 1, 0, 0], "{next}");
    assert_eq!(foreseen.summary(), next.summary(), "{foreseen}");
    assert_eq!((home.file_id("Heat (1995).mkv"), home.file_id("Heat.mkv")), (Some(id), None));
}

#[test]
fn case_19_a_killed_scan_is_closed_by_the_next_command() {
    let home = many_films(2000);
    let mut running = home.start(["scan", "[films]"]);
    first_recorded(&home, &mut running);
    running.kill().unwrap();
    running.wait().unwrap();

    let jobs = home.vpo(["jobs", "list", "--json"]).json();

    assert_eq!(jobs[0]["status"], "failed", "{jobs}");
    let id = jobs[0]["id"].as_str().unwrap().to_owned();
    let shown = home.vpo(["jobs", "show", &id]);
    assert!(shown.stdout.contains("interrupted"), "{shown}");
    let sound: String = home.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    assert_eq!(home.scan(&[]).exit, 0);
    assert_eq!(recorded(&home), 2000);
}

#[test]
fn case_20_other_commands_answer_while_a_scan_runs() {
    let home = Home::new();
    home.put("Heat.mpg", &film("heat"));
    let other = home.folder().join("other");
    fs::create_dir(&other).unwrap();
    fs::copy(film("alien"), other.join("Alien.mkv")).unwrap();
    // The first scan reads until somebody writes into the pipe.
    let pipe = home.folder().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let path = with_ffprobe(&home, &format!("read go <{:?}", pipe.display().to_string()));
    let mut running =
        home.command(["scan", "--profile", "mine", "--json"]).env("PATH", path).stdout(Stdio::null()).spawn().unwrap();
    let mut go = File::options().write(true).open(&pipe).unwrap();

    let jobs = home.vpo(["jobs", "list", "--json"]);
    let second = home.vpo(["scan", "--json", other.to_str().unwrap()]);
    let still_running = running.try_wait().unwrap().is_none();
    go.write_all(b"go\n").unwrap();
    let first = running.wait().unwrap();

    assert!(still_running);
    assert_eq!(jobs.json()[0]["status"], "running", "{jobs}");
    assert_eq!(second.exit, 0, "{second}");
    assert_eq!(second.summary(), [1, 0, 1, 1, 0, 0, 0]);
    assert!(first.success());
    assert_eq!(recorded(&home), 2);
}
