//! What vpo says. This is the only place that knows where facts come from.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Files that one process is asked about.
const AT_ONCE: usize = 40;

/// Asks vpo about each file, in order, and hands over its answer: facts, or an `error`.
pub fn each(vpo: &Path, files: &[PathBuf], mut take: impl FnMut(&Path, &Value)) -> Result<(), String> {
    // A home of its own, so that no settings of whoever runs this have a say.
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    for some in files.chunks(AT_ONCE) {
        let output = Command::new(vpo)
            .args(["inspect", "--json", "--home"])
            .arg(home.path())
            .args(some)
            .output()
            .map_err(|error| format!("could not run {}: {error}", vpo.display()))?;
        let answer: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("vpo gave no JSON ({error}): {}", String::from_utf8_lossy(&output.stderr)))?;
        let answers = match answer {
            Value::Array(answers) => answers,
            only => vec![only],
        };
        if answers.len() != some.len() {
            return Err(format!("vpo gave {} answers for {} files", answers.len(), some.len()));
        }
        for (file, answer) in some.iter().zip(&answers) {
            take(file, answer);
        }
    }
    Ok(())
}
