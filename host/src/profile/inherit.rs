//! Reads a profile with everything it inherits, and gathers the mistakes of all these files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::read::Page;
use super::search::Search;
use super::{Part, Profile, ProfileError};
use crate::kdl_read::{Base, Document, Mistakes, Place};
use crate::media::text;
use crate::settings::Origin;

/// Finds, reads and overlays. What comes back is of use only without mistakes.
pub fn read(search: &Search, name: &str, user_home: Option<&Path>) -> Result<(Profile, Mistakes), ProfileError> {
    let path = search.find(name)?;
    let mut family =
        Family { search, user_home, trail: Vec::new(), inherited: Vec::new(), mistakes: Mistakes::default() };
    let page = family.gather(name, &path).map_err(|source| ProfileError::Unreadable { path: path.clone(), source })?;
    let Family { inherited, mut mistakes, .. } = family;
    let profile = page.unwrap_or_default().into_profile(Some(name.to_owned()), Some(path), inherited);
    check_tasks(&profile, &mut mistakes);
    Ok((profile, mistakes))
}

/// The files that go into one profile, while they are read.
struct Family<'a> {
    search: &'a Search,
    user_home: Option<&'a Path>,
    /// From the profile that was asked for down to the one that is being read.
    trail: Vec<String>,
    inherited: Vec<String>,
    mistakes: Mistakes,
}

impl Family<'_> {
    /// Reads a file and what it inherits; nothing when it is not KDL.
    fn gather(&mut self, name: &str, path: &Path) -> io::Result<Option<Page>> {
        let content = fs::read_to_string(path)?;
        let file = text::path(path);
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        let base = Base { folder, home: self.user_home.map(Path::to_owned) };
        let document = match Document::parse(file.clone(), content, base) {
            Ok(document) => document,
            Err(mistakes) => {
                self.mistakes.append(mistakes);
                return Ok(None);
            }
        };
        let origin = Origin::Profile { name: name.to_owned(), file };
        let mut page = Page::read(&document, &origin, &mut self.mistakes);

        self.trail.push(name.to_owned());
        let mut beneath = Page::default();
        for (parent, place) in std::mem::take(&mut page.inherits) {
            if let Some(read) = self.gather_inherited(&parent, &place) {
                // Of two that are inherited, the later one wins.
                beneath = read.over(beneath);
            }
        }
        self.trail.pop();
        // A description is about one profile.
        beneath.description = None;
        Ok(Some(page.over(beneath)))
    }

    fn gather_inherited(&mut self, name: &str, place: &Place) -> Option<Page> {
        if self.trail.iter().any(|one| one == name) {
            let circle = self.trail.iter().skip_while(|one| *one != name).cloned().chain([name.to_owned()]);
            let circle = circle.collect::<Vec<_>>().join(" inherits ");
            self.mistakes.add(place, format!("this goes in a circle: {circle}"));
            return None;
        }
        let path = match self.search.find(name) {
            Ok(path) => path,
            Err(ProfileError::Unknown { known, .. }) => {
                self.mistakes.unknown(place, "profile", name, known.iter().map(String::as_str));
                return None;
            }
            Err(other) => {
                self.mistakes.add(place, other.to_string());
                return None;
            }
        };
        if !self.inherited.iter().any(|one| one == name) {
            self.inherited.push(name.to_owned());
        }
        self.gather(name, &path).unwrap_or_else(|cause| {
            self.mistakes.add(place, format!("{} cannot be read: {cause}", text::path(&path)));
            None
        })
    }
}

/// A task can follow only policies that the profile has; known when everything has been inherited.
fn check_tasks(profile: &Profile, mistakes: &mut Mistakes) {
    let known: Vec<&str> = profile.policies.iter().map(|policy| policy.written.as_str()).collect();
    for task in &profile.tasks {
        for part in &task.parts {
            let Part::Apply { policies } = part else { continue };
            for (policy, place) in policies.iter().filter(|(policy, _)| !known.contains(&policy.as_str())) {
                mistakes.unknown(place, "policy of this profile", policy, known.iter().copied());
            }
        }
    }
}
