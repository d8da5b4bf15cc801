//! Programs that stand in for the real ones.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns where a program of this machine is.
pub fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{program} is not installed"))
}

/// Writes a shell script that can be run.
pub fn write_script(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}")).expect("the temporary folder is writable");
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("the file is ours");
}

/// Writes a program that is called as a tool is, and does something else. Asked for its version it is the tool; in the
/// script `$real` is the tool, and `$work` the file that it is to write. Returns where it is.
pub fn stand_in(folder: &Path, tool: &str, script: &str) -> PathBuf {
    let (path, real) = (folder.join(tool), on_path(tool));
    let begin = format!("real='{}'\ncase $1 in --version|-version) exec \"$real\" \"$@\";; esac", real.display());
    let find_work = "for argument; do case $argument in */.vpo-*.work) work=${argument#file:};; esac; done";
    write_script(&path, &format!("{begin}\n{find_work}\n{script}\n"));
    path
}

/// Returns a command that runs another under `strace` with these options, which watch or disturb what it asks of the system.
/// `None` where that cannot be done.
pub fn under_strace<S: AsRef<OsStr>>(command: &Command, options: impl IntoIterator<Item = S>) -> Option<Command> {
    let mut trial = Command::new("strace");
    trial.args(["-f", "-qq", "-e", "trace=none", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !trial.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: what a program asks of the system cannot be watched here");
        return None;
    }
    let mut strace: Vec<OsString> = ["strace", "-f", "-qq"].map(OsString::from).to_vec();
    strace.extend(options.into_iter().map(|option| option.as_ref().to_owned()));
    Some(begun_by(&strace, command))
}

/// Returns a command that another program begins, named with its first arguments: it gets what it runs as its last ones.
pub fn begun_by<S: AsRef<OsStr>>(program: &[S], command: &Command) -> Command {
    let (name, first) = program.split_first().expect("a program is named");
    let mut begun = Command::new(name);
    begun.args(first).arg(command.get_program()).args(command.get_args()).env_clear();
    begun.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        begun.current_dir(folder);
    }
    begun
}

/// What a program asks of the disk; between two of these nothing changes that would be there after a crash.
const CHANGES: &str = "rename,renameat,renameat2,link,linkat,unlink,unlinkat,fsync,fdatasync";

/// Runs a command that is killed at a change of the disk, counted from one. Returns whether it came through before that;
/// `None` where it cannot be done.
pub fn came_through(command: &Command, change: usize) -> Option<bool> {
    let options = [format!("trace={CHANGES}"), format!("inject={CHANGES}:signal=KILL:when={change}")];
    let mut killed = under_strace(command, ["-e", &options[0], "-e", &options[1]])?;
    Some(killed.output().expect("strace was there a moment ago").status.success())
}
