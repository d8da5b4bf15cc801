//! What stands around a profile that has no mistakes in itself: folders, the log file, and the programs that the steps it
//! allows need. Nothing is written.

use std::path::Path;

use rustix::fs::{Access, access};

use super::{Choice, Library};
use crate::kdl_read::Mistakes;
use crate::media::text;
use crate::tools::{Tool, Tools};

impl Library {
    /// What is odd, and will hinder the work or surprise.
    pub fn warnings(&self, choice: &Choice) -> Vec<String> {
        let mut warnings = Vec::new();
        for root in choice.profile.roots.iter().filter(|root| !root.is_dir()) {
            warnings.push(format!("there is no folder {} now ({})", text::path(root), root.source));
        }
        if let Some(file) = &choice.settings.logging.file.value
            && !is_writable(file)
        {
            let source = &choice.settings.logging.file.source;
            warnings.push(format!("the log file {} cannot be written ({source})", text::path(file)));
        }
        warnings.extend(missing_tools(choice, &self.tools(&choice.settings)));
        warnings
    }

    /// Steps that a profile allows and that no program here can do, each where it is allowed.
    pub fn impossible_steps(&self, choice: &Choice) -> Mistakes {
        let tools = self.tools(&choice.settings);
        let mut mistakes = Mistakes::default();
        for allowed in &choice.profile.allow {
            let able = tools_for(&allowed.step);
            let errors: Vec<String> =
                able.iter().map_while(|tool| Some(tools.ready(*tool).err()?.to_string())).collect();
            if !able.is_empty() && errors.len() == able.len() {
                let what = format!("nothing here can do {}: {}", allowed.step, errors.join(", and "));
                let names: Vec<&str> = able.iter().map(|tool| tool.name()).collect();
                mistakes.expected(&allowed.place, what, format!("{}; see `vpo doctor`", names.join(" or ")));
            }
        }
        mistakes
    }
}

/// The programs that can do a step, for Matroska first; which of them is used depends on the container.
fn tools_for(step: &str) -> &'static [Tool] {
    match step {
        "move-file" => &[],
        "transcode-track" => &[Tool::Ffmpeg],
        "set-flag" | "set-language" | "set-track-title" | "set-title" | "set-tag" => &[Tool::Mkvpropedit, Tool::Ffmpeg],
        _ => &[Tool::Mkvmerge, Tool::Ffmpeg],
    }
}

/// Programs that some files will ask for, or the introspectors, and that are not there or too old.
fn missing_tools(choice: &Choice, tools: &Tools) -> Vec<String> {
    let profile = &choice.profile;
    let mut wanted: Vec<(Tool, String)> = Vec::new();
    for introspector in &profile.introspect {
        let granted = profile.tools_of(&introspector.plugin);
        let granted = granted.iter().filter_map(|name| Tool::from_name(name));
        wanted.extend(granted.map(|tool| (tool, format!("the introspector {} needs it", introspector.written))));
    }
    if !profile.policies.is_empty() {
        wanted.push((Tool::Mkvpropedit, "setting flags, languages and titles in Matroska needs it".to_owned()));
    }
    for allowed in &profile.allow {
        if let [tool, _] = tools_for(&allowed.step) {
            wanted.push((*tool, format!("the step {} needs it for Matroska", allowed.step)));
        }
    }
    let missing = wanted.into_iter().filter_map(|(tool, what)| Some(format!("{}; {what}", tools.ready(tool).err()?)));
    missing.collect()
}

/// Whether a file could be written: it is there and may be, or the nearest folder above it may.
fn is_writable(file: &Path) -> bool {
    let nearest = file.ancestors().find(|path| path.exists());
    nearest.is_some_and(|path| (path == file) != path.is_dir() && access(path, Access::WRITE_OK).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_file_can_be_written_below_a_folder_and_not_below_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("there.log");
        std::fs::write(&file, "").unwrap();

        assert!(is_writable(&file));
        assert!(is_writable(&folder.path().join("new/folder/new.log")));
        assert!(!is_writable(&file.join("below.log")));
        assert!(!is_writable(folder.path()));
    }
}
