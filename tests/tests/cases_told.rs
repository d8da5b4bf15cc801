//! What a person at a terminal, and a script without one, are told around an apply: the question, the quiet, a full disk
//! behind stdout.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use vpo_tests::{Home, film, stand_in};

const KEEP_ENGLISH: &str = "policy \"tracks\" {\n    audio \"eng\" fallback=\"keep-all\"\n}\nallow \"remove-track\"\n";

/// Runs a command on a terminal of its own, and types when it asks whether to go on. Prints what stood there, and how it
/// ended.
const AT_A_TERMINAL: &str = r#"
import os, pty, sys

keys, command = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
shown = b""
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        part = b""
    if not part:
        break
    shown += part
    if keys and b"Go on?" in shown:
        os.write(terminal, keys)
        keys = b""
print(shown.decode(errors="replace"))
print("ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// A scanned home with one film in English and Japanese.
fn home() -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", KEEP_ENGLISH);
    home.vpo(["scan", "[films]"]).exits(0);
    home
}

fn is_untouched(home: &Home) -> bool {
    fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap()
}

fn applies(home: &Home) -> usize {
    home.vpo(["jobs", "list", "--type", "apply", "--json"]).exits(0).json().as_array().unwrap().len()
}

/// What was shown on the terminal, and the exit code.
fn typed(home: &Home, keys: &str) -> Option<(String, String)> {
    let apply = home.command(["apply", "-p", "kids"]);
    let mut python = Command::new("python3");
    python.args(["-c", AT_A_TERMINAL, keys]).arg(apply.get_program()).args(apply.get_args()).env_clear();
    python.envs(apply.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(home.folder());
    let Ok(output) = python.output() else {
        eprintln!("skipped: there is no python3 to type with");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (shown, code) = said.trim_end().rsplit_once("ended with ").expect("it ended");
    Some((shown.to_owned(), code.to_owned()))
}

#[test]
fn one_ctrl_c_at_the_question_ends_it_with_nothing_done() {
    for keys in ["\\x03", "\\x03\\n", "\\x03y\\n"] {
        let home = home();

        let Some((shown, code)) = typed(&home, keys) else { return };

        assert_eq!(code, "130", "{keys}: {shown}");
        assert!(is_untouched(&home), "{keys}");
        assert_eq!(applies(&home), 0, "{keys}: no job is begun");
    }
}

#[test]
fn the_question_is_answered_with_a_word_or_not_at_all() {
    for (keys, is_done) in [("y\\n", true), ("n\\n", false), ("\\n", false), ("\\x04", false)] {
        let home = home();

        let Some((shown, code)) = typed(&home, keys) else { return };

        assert_eq!(code, "0", "{keys}: {shown}");
        assert_eq!(!is_untouched(&home), is_done, "{keys}: {shown}");
    }
}

#[test]
fn quiet_tells_what_went_wrong_and_nothing_else() {
    let home = home();
    let tool = stand_in(home.folder(), "mkvmerge", "echo broken; exit 2");
    let set = format!("tools.mkvmerge={}", tool.display());

    let failed = home.vpo(["apply", "-p", "kids", "--yes", "--quiet", "--set", &set]).exits(1);
    let changed = home.vpo(["apply", "-p", "kids", "--yes", "--quiet"]).exits(0);

    assert!(failed.stderr.contains("failed") && failed.stderr.contains("broken"), "{failed}");
    assert!(failed.stdout.contains("1 failed"), "{failed}");
    assert_eq!((changed.stdout.as_str(), changed.stderr.as_str()), ("", ""));
    assert!(!is_untouched(&home));
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error_and_one_that_nobody_reads_is_not() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: there is no /dev/full here");
        return;
    };
    let home = home();
    for arguments in [&["jobs", "list"][..], &["jobs", "list", "--json"], &["inspect", "[films]/Heat.mkv"]] {
        let mut command = home.command(arguments);
        let output = command.stdout(full.try_clone().unwrap()).stderr(Stdio::piped()).output().unwrap();

        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("could not be written") && said.contains("No space left"), "{said}");
    }

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let quiet = home.command(["jobs", "list"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();

    assert_eq!((quiet.status.code(), quiet.stderr.len()), (Some(0), 0));
}

#[test]
fn an_apply_goes_on_to_its_end_when_nobody_reads_what_it_says() {
    let home = home();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);

    home.command(["apply", "-p", "kids", "--yes"]).stdout(writer).output().unwrap();

    let job = home.vpo(["jobs", "list", "--type", "apply", "--json"]).exits(0).json();
    assert_eq!(job[0]["status"], "completed", "{job}");
    assert!(!is_untouched(&home));
}
