//! Where profiles are: folders in order, one file of KDL for each name.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use super::ProfileError;
use crate::kdl_read::nearest;

/// The folders that profiles are looked for in, first match first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    pub folders: Vec<PathBuf>,
}

/// A profile as it was found, not yet read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub name: String,
    pub path: PathBuf,
}

/// Whether a text can be the name of a profile: letters, digits, `-` and `_`, so that a name is never a path.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

impl Search {
    /// Every profile there is, by name; of two with one name, the one that would be used. Folders that are not there or
    /// cannot be read have none.
    pub fn list(&self) -> Vec<Found> {
        let mut found = BTreeMap::new();
        for folder in &self.folders {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let stem = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
                let Some(name) = stem.filter(|name| is_name(name)) else { continue };
                if path.extension().is_some_and(|extension| extension == "kdl") && path.is_file() {
                    found.entry(name.clone()).or_insert(Found { name, path });
                }
            }
        }
        found.into_values().collect()
    }

    /// Finds the file of a profile.
    pub fn find(&self, name: &str) -> Result<PathBuf, ProfileError> {
        if !is_name(name) {
            return Err(ProfileError::BadName { name: name.to_owned() });
        }
        let file = format!("{name}.kdl");
        let path = self.folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file());
        path.ok_or_else(|| {
            let known: Vec<String> = self.list().into_iter().map(|found| found.name).collect();
            let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            ProfileError::Unknown { name: name.to_owned(), known, nearest }
        })
    }
}
