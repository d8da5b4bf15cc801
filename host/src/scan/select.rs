//! Which entries of a folder are looked at: extensions, globs, ignore files; never what is hidden.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use thiserror::Error;

use super::request::ScanRequest;

/// The file in which a folder names what is not to be scanned below it, in the syntax of gitignore(5).
pub const IGNORE_FILE: &str = ".vpoignore";

/// A pattern that nothing can be looked for by.
#[derive(Debug, Error)]
#[error("the pattern {pattern:?} is no glob")]
pub struct BadPattern {
    pub pattern: String,
    #[source]
    pub source: globset::Error,
}

/// The rules for all folders.
pub(super) struct Selection {
    extensions: HashSet<String>,
    pub patterns: Patterns,
}

/// What is included and excluded; of both, exclusion is stronger. Paths are relative to the folder that is scanned.
pub struct Patterns {
    include: GlobSet,
    exclude: GlobSet,
}

/// The ignore files that hold in a folder, the nearest last.
#[derive(Clone, Default)]
pub struct Ignores(Option<Arc<IgnoreChain>>);

struct IgnoreChain {
    rules: Gitignore,
    above: Ignores,
}

impl Selection {
    pub fn new<'a>(request: &ScanRequest, claimed: impl Iterator<Item = &'a str>) -> Result<Self, BadPattern> {
        let extensions = if request.extensions.is_empty() {
            claimed.map(str::to_owned).collect()
        } else {
            request.extensions.iter().map(|extension| extension.trim_start_matches('.').to_lowercase()).collect()
        };
        Ok(Self { extensions, patterns: Patterns::new(&request.include, &request.exclude)? })
    }

    /// Whether a name may be a film: not hidden, with an extension that is looked at.
    pub fn has_film_name(&self, name: &OsStr) -> bool {
        let bytes = name.as_bytes();
        if bytes.first() == Some(&b'.') {
            return false;
        }
        let Some(dot) = bytes.iter().rposition(|byte| *byte == b'.') else { return false };
        let extension = &bytes[dot + 1..];
        match std::str::from_utf8(extension) {
            Ok(extension) if self.extensions.contains(extension) => true,
            Ok(extension) => {
                extension.bytes().any(|byte| byte.is_ascii_uppercase())
                    && self.extensions.contains(&extension.to_ascii_lowercase())
            }
            Err(_) => false,
        }
    }
}

impl Patterns {
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, BadPattern> {
        Ok(Self { include: globs(include)?, exclude: globs(exclude)? })
    }

    /// Whether a file is looked at.
    pub fn want_file(&self, relative: &Path) -> bool {
        (self.include.is_empty() || self.include.is_match(relative)) && !self.exclude.is_match(relative)
    }

    /// Whether a folder is walked.
    pub fn want_folder(&self, relative: &Path) -> bool {
        self.exclude.is_empty() || !self.exclude.is_match(relative)
    }

    /// Whether everything is wanted.
    pub fn are_none(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }
}

impl Ignores {
    /// Adds the ignore file of a folder.
    pub fn below(&self, folder: &Path) -> Self {
        let mut rules = GitignoreBuilder::new(folder);
        if let Some(cause) = rules.add(folder.join(IGNORE_FILE)) {
            tracing::warn!(folder = %folder.display(), %cause, "a line of an ignore file is not understood");
        }
        match rules.build() {
            Ok(rules) => Self(Some(Arc::new(IgnoreChain { rules, above: self.clone() }))),
            Err(cause) => {
                tracing::warn!(folder = %folder.display(), %cause, "an ignore file is not understood");
                self.clone()
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether a path is to be left out; the nearest ignore file that says something decides.
    pub fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let mut next = &self.0;
        while let Some(chain) = next {
            let said = chain.rules.matched(path, is_folder);
            if !said.is_none() {
                return said.is_ignore();
            }
            next = &chain.above.0;
        }
        false
    }
}

/// Patterns as people mean them: `*` stays within a name, what has no slash is a name in any folder, and who names a folder
/// means all that is in it.
fn globs(patterns: &[String]) -> Result<GlobSet, BadPattern> {
    let wrong = |pattern: &str, source| BadPattern { pattern: pattern.to_owned(), source };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let folder = pattern.strip_suffix("/**").unwrap_or(pattern.trim_end_matches('/'));
        let is_name = !pattern.trim_end_matches('/').contains('/');
        let folder = if is_name { format!("**/{folder}") } else { folder.trim_start_matches('/').to_owned() };
        for glob in [format!("{folder}/**"), folder] {
            let glob = GlobBuilder::new(&glob).literal_separator(true).build();
            set.add(glob.map_err(|source| wrong(pattern, source))?);
        }
    }
    set.build().map_err(|source| wrong("", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 6] =
        ["a.mkv", "x/b.mkv", "x/extras/c.mkv", "extras/d.mkv", "y/x/e sample.mkv", "x/extras/more/f.mkv"];

    /// Those of the paths that a pattern is about, by the letter of the film.
    fn about(pattern: &str) -> String {
        let set = globs(&[pattern.to_owned()]).unwrap();
        let letter = |path: &&str| path.rsplit('/').next().and_then(|name| name.chars().next());
        PATHS.iter().filter(|path| set.is_match(path)).filter_map(letter).collect()
    }

    #[test]
    fn a_pattern_is_about_what_a_person_means_by_it() {
        let table = [
            ("*.mkv", "abcdef"),
            ("*sample*", "e"),
            ("extras", "cdf"),
            ("extras/", "cdf"),
            ("**/extras/**", "cdf"),
            ("/extras", "d"),
            ("/extras/**", "d"),
            ("extras/**", "d"),
            ("x/*.mkv", "b"),
            ("x/**", "bcf"),
            ("x/**/*.mkv", "bcf"),
            ("x/extras", "cf"),
            ("**/x/*.mkv", "be"),
            ("{a,x/b}.mkv", "ab"),
            ("?.mkv", "abcdf"),
            ("**", "abcdef"),
            ("X", ""),
        ];

        for (pattern, expected) in table {
            assert_eq!(about(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_folder_is_left_out_as_a_whole() {
        for pattern in ["extras", "**/extras/**", "x/extras/", "/x/extras/**"] {
            assert!(globs(&[pattern.to_owned()]).unwrap().is_match("x/extras"), "{pattern}");
        }
    }
}
