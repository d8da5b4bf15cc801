//! `vpo completions`: what a shell needs to complete our words.

use crate::complete;
use crate::render::{Exit, Mistake, Screen};

/// Print what a shell needs to complete words, profiles, jobs, plugins and tasks
#[derive(clap::Args)]
#[command(after_help = "Examples:
  bash: echo 'source <(vpo completions bash)' >> ~/.bashrc
  zsh:  echo 'source <(vpo completions zsh)' >> ~/.zshrc
  fish: echo 'vpo completions fish | source' >> ~/.config/fish/config.fish")]
pub struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    shell: String,
}

pub fn run(args: &CompletionsArgs, screen: &Screen) -> Result<Exit, Mistake> {
    let script = complete::script(&args.shell).ok_or_else(|| {
        Mistake::misused("SHELL_UNKNOWN", format!("there are no completions for {:?}", args.shell))
            .hint(format!("there are some for {}", complete::shells().join(", ")))
    })?;
    screen.say(script.trim_end());
    Ok(Exit::Fine)
}
