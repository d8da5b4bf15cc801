//! What is odd about a profile that has no mistakes, and will hinder the work or surprise.

use std::path::Path;

use rustix::fs::{Access, access};

use super::{Choice, Library};
use crate::media::text;
use crate::tools::Tool;

impl Library {
    /// Looks at folders, programs and the log file; nothing is written.
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
        warnings.extend(self.missing_tools(choice));
        warnings
    }

    /// Programs that the steps allowed, or the introspectors, will ask for and that are not there or too old.
    fn missing_tools(&self, choice: &Choice) -> Vec<String> {
        let profile = &choice.profile;
        let mut wanted: Vec<(Tool, String)> = Vec::new();
        for introspector in &profile.introspect {
            let granted = profile.tools_of(&introspector.plugin);
            let granted = granted.iter().filter_map(|name| Tool::from_name(name));
            wanted.extend(granted.map(|tool| (tool, format!("the introspector {}", introspector.written))));
        }
        if !profile.policies.is_empty() {
            wanted.push((Tool::Mkvpropedit, "setting flags, languages and titles".to_owned()));
        }
        for step in &profile.allow {
            let tool = match step.value.as_str() {
                "transcode-track" => Tool::Ffmpeg,
                "move-file" => continue,
                _ => Tool::Mkvmerge,
            };
            wanted.push((tool, format!("the step {}", step.value)));
        }
        let tools = self.tools(&choice.settings);
        let missing = wanted.into_iter().filter_map(|(tool, what)| {
            let error = tools.ready(tool).err()?;
            Some(format!("{error}; {what} needs it"))
        });
        missing.collect()
    }
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
