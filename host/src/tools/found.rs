//! Finds the external programs and says which versions they are.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::run::{End, Limits, run};

/// An external program that vpo knows how to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    Mkvpropedit,
    Mkvmerge,
    Mkvextract,
    Ffmpeg,
    Ffprobe,
}

impl Tool {
    pub const ALL: [Self; 5] = [Self::Mkvpropedit, Self::Mkvmerge, Self::Mkvextract, Self::Ffmpeg, Self::Ffprobe];

    pub fn name(self) -> &'static str {
        match self {
            Self::Mkvpropedit => "mkvpropedit",
            Self::Mkvmerge => "mkvmerge",
            Self::Mkvextract => "mkvextract",
            Self::Ffmpeg => "ffmpeg",
            Self::Ffprobe => "ffprobe",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The oldest version that knows every option that vpo uses: BCP 47 languages and the flags for hearing impaired,
    /// original and commentary came to mkvtoolnix by 52, `--track-enabled-flag` by 61.
    pub fn minimum_version(self) -> Version {
        match self {
            Self::Mkvpropedit | Self::Mkvmerge | Self::Mkvextract => Version(61, 0),
            Self::Ffmpeg | Self::Ffprobe => Version(4, 4),
        }
    }

    fn version_argument(self) -> &'static str {
        match self {
            Self::Ffmpeg | Self::Ffprobe => "-version",
            _ => "--version",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Major and minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Version {
    /// Finds the version in the first line that a tool prints: `mkvmerge v74.0.0 (…)`, `ffmpeg version 5.1.9-0+deb12u1`,
    /// `ffmpeg version n6.0`. Builds of a git commit (`N-12345-g…`) have none.
    fn parse(said: &str) -> Option<Self> {
        said.lines().next()?.split_whitespace().skip(1).find_map(|word| {
            let mut parts = word.trim_start_matches(['v', 'n']).split(|c: char| !c.is_ascii_digit());
            let major = parts.next()?.parse().ok()?;
            Some(Self(major, parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    #[error("{tool} is not installed")]
    Missing { tool: Tool },
    #[error("{tool} {found} is too old; {needed} or newer is needed")]
    TooOld { tool: Tool, found: Version, needed: Version },
    #[error("{tool} at {path} does not run")]
    Broken { tool: Tool, path: PathBuf },
}

/// The programs at hand. Cheap to make: a program is first started when its version is asked for.
#[derive(Debug, Default)]
pub struct Tools {
    paths: BTreeMap<Tool, PathBuf>,
    /// Where it differs from what the tool itself needs.
    minimums: BTreeMap<Tool, Version>,
    versions: [OnceLock<Option<Option<Version>>>; Tool::ALL.len()],
}

impl Tools {
    /// Finds each tool where the settings say, else in the folders of a `PATH`.
    pub fn find(settings: &BTreeMap<Tool, PathBuf>, search_path: Option<&OsStr>) -> Self {
        let mut tools = Self::default();
        for tool in Tool::ALL {
            let path = match settings.get(&tool) {
                Some(path) => Some(path.clone()),
                None => search_path.and_then(|folders| search(tool.name(), folders)),
            };
            if let Some(path) = path.filter(|path| is_program(path)) {
                tools.paths.insert(tool, path);
            }
        }
        tools
    }

    /// Asks for a version of a tool that is not the one that vpo was made with.
    pub fn at_least(mut self, tool: Tool, version: Version) -> Self {
        self.minimums.insert(tool, version);
        self
    }

    /// Where a tool is, whatever its version.
    pub fn path(&self, tool: Tool) -> Option<&Path> {
        self.paths.get(&tool).map(PathBuf::as_path)
    }

    /// Names of the tools at hand, as policies are told.
    pub fn names(&self) -> Vec<String> {
        self.paths.keys().map(|tool| tool.name().to_owned()).collect()
    }

    /// What a tool says its version is; `None` for an unnumbered build. Asked once.
    pub fn version(&self, tool: Tool) -> Result<Option<Version>, ToolError> {
        let path = self.path(tool).ok_or(ToolError::Missing { tool })?;
        self.versions[tool as usize]
            .get_or_init(|| {
                let limits = Limits::within(Duration::from_secs(20));
                let output = run(path, &[tool.version_argument().into()], &limits, None, &()).ok()?;
                (output.end == End::Exit(0)).then(|| Version::parse(&String::from_utf8_lossy(&output.stdout)))
            })
            .ok_or_else(|| ToolError::Broken { tool, path: path.to_owned() })
    }

    /// The tools whose version was asked, which is done before one is used.
    pub fn asked(&self) -> impl Iterator<Item = (Tool, &Path, Option<Version>)> {
        Tool::ALL.into_iter().filter_map(|tool| {
            let version = self.versions[tool as usize].get().copied().flatten()?;
            Some((tool, self.path(tool)?, version))
        })
    }

    /// Returns a tool that is there and new enough.
    pub fn ready(&self, tool: Tool) -> Result<&Path, ToolError> {
        let needed = self.minimums.get(&tool).copied().unwrap_or_else(|| tool.minimum_version());
        match self.version(tool)? {
            Some(found) if found < needed => Err(ToolError::TooOld { tool, found, needed }),
            _ => Ok(self.path(tool).expect("its version was asked")),
        }
    }
}

fn search(name: &str, folders: &OsStr) -> Option<PathBuf> {
    // An empty entry of PATH means the current folder, where a stranger may have put anything.
    std::env::split_paths(folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn versions_are_read_from_what_tools_say() {
        assert_eq!(Version::parse("mkvmerge v74.0.0 ('You Oughta Know') 64-bit\n"), Some(Version(74, 0)));
        assert_eq!(Version::parse("ffmpeg version 5.1.9-0+deb12u1 Copyright"), Some(Version(5, 1)));
        assert_eq!(Version::parse("ffmpeg version n6.0 Copyright"), Some(Version(6, 0)));
        assert_eq!(Version::parse(""), None);
    }

    #[test]
    fn the_settings_win_over_the_search_path_and_a_missing_one_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let ours = script(folder.path(), "ours", "");
        script(folder.path(), "mkvmerge", "");
        script(folder.path(), "ffmpeg", "");
        let settings = BTreeMap::from([(Tool::Mkvmerge, ours.clone()), (Tool::Ffmpeg, "/nowhere".into())]);

        let tools = Tools::find(&settings, Some(folder.path().as_os_str()));

        assert_eq!(tools.path(Tool::Mkvmerge), Some(ours.as_path()));
        assert_eq!(tools.path(Tool::Ffmpeg), None);
        assert_eq!(tools.version(Tool::Ffprobe), Err(ToolError::Missing { tool: Tool::Ffprobe }));
    }

    #[test]
    fn an_old_and_a_broken_tool_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        script(folder.path(), "mkvmerge", "echo 'mkvmerge v9.8.0 (x) 64-bit'");
        script(folder.path(), "ffmpeg", "exit 127");

        let tools = Tools::find(&BTreeMap::new(), Some(folder.path().as_os_str()));

        let (tool, needed) = (Tool::Mkvmerge, Tool::Mkvmerge.minimum_version());
        assert_eq!(tools.ready(tool), Err(ToolError::TooOld { tool, found: Version(9, 8), needed }));
        assert!(matches!(tools.ready(Tool::Ffmpeg), Err(ToolError::Broken { .. })));
        assert!(tools.at_least(tool, Version(9, 8)).ready(tool).is_ok());
    }
}
