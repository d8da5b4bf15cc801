//! Which recorded files a profile is about: those that a scan by it would look at.

use std::path::{Path, PathBuf};

use super::Choice;
use crate::scan::{BadPattern, IGNORE_FILE, Ignores, Patterns};

/// What a profile includes and excludes, and what the ignore files in the folders say.
pub(super) struct Scope<'a> {
    patterns: Patterns,
    own_roots: Vec<PathBuf>,
    known_roots: &'a [PathBuf],
    /// The folders above the file that was asked about last, from the root down, each with the ignore files that hold in
    /// it; with none where the folder itself is left out. Files come folder by folder, so no more is worth keeping.
    trail: Vec<(PathBuf, Option<Ignores>)>,
}

impl<'a> Scope<'a> {
    /// The scope of a profile; relative folders of it start from `working`.
    pub fn of(choice: &Choice, working: &Path, known_roots: &'a [PathBuf]) -> Result<Self, BadPattern> {
        let own_roots = choice.profile.roots.iter().map(|root| {
            let path = working.join(&root.value);
            path.canonicalize().unwrap_or(path)
        });
        let texts = |globs: &[crate::settings::Sourced<String>]| -> Vec<String> {
            globs.iter().map(|glob| glob.value.clone()).collect()
        };
        Ok(Self {
            patterns: Patterns::new(&texts(&choice.profile.include), &texts(&choice.profile.exclude))?,
            own_roots: own_roots.collect(),
            known_roots,
            trail: Vec::new(),
        })
    }

    /// Whether the profile is about a file, by its absolute path.
    pub fn holds(&mut self, file: &Path) -> bool {
        let Some(folder) = file.parent() else { return false };
        let root = innermost(&self.own_roots, file).or_else(|| innermost(self.known_roots, file)).unwrap_or(folder);
        let root = root.to_owned();
        let is_ignored = self.ignores_in(&root, folder).is_none_or(|ignores| ignores.ignores(file, false));
        !is_ignored && self.patterns.want_file(file.strip_prefix(&root).unwrap_or(file))
    }

    /// The ignore files that hold in a folder; none where they leave out the folder itself.
    fn ignores_in(&mut self, root: &Path, folder: &Path) -> Option<Ignores> {
        self.trail.retain(|(above, _)| above.starts_with(root) && folder.starts_with(above));
        let known = self.trail.last().map(|(above, _)| above.clone());
        let is_new = |path: &&Path| path.starts_with(root) && Some(*path) != known.as_deref();
        let mut below: Vec<&Path> = folder.ancestors().take_while(is_new).collect();
        below.reverse();
        for path in below {
            let above = self.trail.last().map_or_else(|| Some(Ignores::default()), |(_, ignores)| ignores.clone());
            let ignores = above.filter(|above| path == root || !above.ignores(path, true));
            let ignores = ignores.map(|above| match path.join(IGNORE_FILE).exists() {
                true => above.below(path),
                false => above,
            });
            self.trail.push((path.to_owned(), ignores));
        }
        self.trail.last().and_then(|(_, ignores)| ignores.clone())
    }
}

fn innermost<'a>(roots: &'a [PathBuf], file: &Path) -> Option<&'a Path> {
    roots.iter().map(PathBuf::as_path).filter(|root| file.starts_with(root)).max_by_key(|root| root.as_os_str().len())
}
