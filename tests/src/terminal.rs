//! The program on a terminal of its own, to see what a person sees there.

use std::process::{Command, Stdio};

/// Runs a command on a terminal of so many columns and returns what it shows; `None` where there is no `script` to make one.
/// Of no columns is a terminal that does not know how many it has.
pub fn on_terminal(command: &Command, columns: u16) -> Option<String> {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let words: Vec<_> = words.map(|word| format!("'{}'", word.to_str().expect("words of tests are text"))).collect();
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &format!("stty cols {columns} && exec {}", words.join(" ")), "/dev/null"]);
    // What the person who runs the tests has set must not show.
    terminal.env_remove("COLUMNS").env_remove("NO_COLOR").env("TERM", "xterm");
    for (name, value) in command.get_envs() {
        terminal.env(name, value.unwrap_or_default());
    }
    let output = terminal.stdin(Stdio::null()).output().ok()?;
    assert!(output.status.success(), "{terminal:?}");
    Some(String::from_utf8(output.stdout).expect("the program speaks UTF-8").replace("\r\n", "\n"))
}
