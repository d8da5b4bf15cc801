//! What the user wants: a named KDL file, laid over the files that it inherits.
//!
//! `search` finds the file, `read` reads one, `inherit` lays them over each other, `options` carries what a person wrote for
//! a plugin and `specification` checks it against what the plugin says of itself. Whether plugins exist, folders are there
//! and tools are installed is asked by others: this floor knows files of KDL and nothing else.

mod inherit;
mod options;
mod plugin_use;
mod read;
mod search;
mod specification;
mod task;

use std::io;
use std::path::{Path, PathBuf};

use crate::kdl_read::Mistakes;
use crate::settings::{Layer, Sourced};

pub use options::{OptionNode, OptionNodes};
pub use plugin_use::{Grant, PluginName, PluginUse};
pub use read::{GRANTABLE_STEPS, GRANTABLE_TOOLS, METADATA_STEPS, Permission};
pub use search::{Found, Search, is_name};
pub use specification::{OptionSpec, ValueKind, ValueSpec};
pub use task::{Part, Task};

/// A profile with everything that it inherits, and with the built-in plugins where it names none.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Absent for the built-in one, which holds when no profile is named.
    pub name: Option<String>,
    pub file: Option<PathBuf>,
    /// The profiles that went into this one, nearest first, itself left out.
    pub inherited: Vec<String>,
    pub description: Option<Sourced<String>>,
    /// Folders to scan when none is named on the command line.
    pub roots: Vec<Sourced<PathBuf>>,
    /// When there are any, only files that match one are looked at. Globs over the path below the root.
    pub include: Vec<Sourced<String>>,
    /// Files and folders that are not looked at. Globs over the path below the root.
    pub exclude: Vec<Sourced<String>>,
    pub detect: PluginUse,
    /// The first that claims a file reads it.
    pub introspect: Vec<PluginUse>,
    /// Each sees what the ones before it leave.
    pub policies: Vec<PluginUse>,
    /// Kinds of steps that a plan may have beside metadata edits.
    pub allow: Vec<Permission>,
    /// Programs that introspectors may run.
    pub grants: Vec<Grant>,
    pub tasks: Vec<Task>,
    /// What the profile and those it inherits say of the settings.
    pub settings: Layer,
}

impl Profile {
    /// The profile that holds when none is named.
    pub fn built_in() -> Self {
        read::Page::built_in().into_profile(None, None, Vec::new())
    }

    /// Finds a profile by its name and reads it with everything it inherits. `user_home` is what `~` stands for.
    pub fn load(search: &Search, name: &str, user_home: Option<&Path>) -> Result<Self, ProfileError> {
        let (profile, mistakes) = inherit::read(search, name, user_home)?;
        profile.without(mistakes)
    }

    /// The same for whoever has more to check: what was understood, and the mistakes so far.
    pub fn read(search: &Search, name: &str, user_home: Option<&Path>) -> Result<(Self, Mistakes), ProfileError> {
        inherit::read(search, name, user_home)
    }

    /// The profile, when there are no mistakes in it.
    pub fn without(self, mistakes: Mistakes) -> Result<Self, ProfileError> {
        match mistakes.into_result() {
            Ok(()) => Ok(self),
            Err(mistakes) => Err(ProfileError::Mistaken { name: self.label().to_owned(), mistakes }),
        }
    }

    /// What people call the profile.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("(built-in)")
    }

    pub fn find_task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// Programs that a plugin may run.
    pub fn tools_of(&self, plugin: &PluginName) -> Vec<String> {
        self.grants.iter().filter(|grant| grant.plugin == *plugin).map(|grant| grant.tool.clone()).collect()
    }
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("\"{name}\" is no name of a profile: a name has letters, digits, - and _")]
    BadName { name: String },
    #[error("there is no profile \"{name}\"")]
    Unknown { name: String, known: Vec<String>, nearest: Option<String> },
    #[error("{} cannot be read", crate::media::text::path(.path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the profile \"{name}\" has {}", count(.mistakes))]
    Mistaken { name: String, mistakes: Mistakes },
}

fn count(mistakes: &Mistakes) -> String {
    match mistakes.len() {
        1 => "a mistake".to_owned(),
        many => format!("{many} mistakes"),
    }
}

#[cfg(test)]
mod tests;
