//! Plugins as people see them: what there is, what each is and what it may do.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Library;
use super::check::cost::{self, Cost};
use crate::plugins::manifest::Description;
use crate::plugins::{Anatomy, Found, Origin, Plugin, PluginError};
use crate::profile::Profile;
use crate::store::descriptions::{self, Described};
use crate::store::{Store, StoreError};

/// One plugin in a list.
#[derive(Debug)]
pub struct PluginRow {
    pub found: Found,
    /// Hexadecimal BLAKE3; absent when the file cannot be read.
    pub digest: Option<String>,
    /// What it is, or why it cannot be used.
    pub what: Result<(Anatomy, Described), PluginError>,
    /// Profiles that name it.
    pub used_by: Vec<String>,
}

/// Everything about one plugin.
pub struct PluginReport {
    pub plugin: Arc<Plugin>,
    pub description: Description,
    /// Its bytes are trusted, or it is bundled.
    pub is_trusted: bool,
    pub cost: Cost,
}

impl Library {
    /// Lists all plugins. Only those that were never seen before are started.
    pub fn plugin_rows(&self, database: &Path) -> Result<Vec<PluginRow>, StoreError> {
        let store = Store::open_to_read(database)?;
        let db = store.reader()?;
        let used = self.uses();
        let mut rows = Vec::new();
        let mut learnt = Vec::new();
        for found in self.plugins().list() {
            let used_by = used.get(&key(&found)).cloned().unwrap_or_default();
            let bytes = match self.plugins().bytes(&found) {
                Ok(bytes) => bytes,
                Err(error) => {
                    rows.push(PluginRow { found, digest: None, what: Err(error), used_by });
                    continue;
                }
            };
            let digest = blake3::hash(&bytes);
            let what = Anatomy::read(&found.name, &bytes).and_then(|anatomy| {
                let described = match descriptions::find(&db, digest.as_bytes()) {
                    Ok(Some(described)) => described,
                    _ => {
                        let described = in_short(self.plugins().examine(&found)?.describe()?);
                        learnt.push((digest, described.clone()));
                        described
                    }
                };
                Ok((anatomy, described))
            });
            rows.push(PluginRow { found, digest: Some(digest.to_hex().to_string()), what, used_by });
        }
        // A library that is only looked at is not made; then descriptions are asked for again the next time.
        if !learnt.is_empty() && database.exists() {
            let mut writer = Store::open(database)?.writer()?;
            writer.transaction(|db| {
                learnt.iter().try_for_each(|(digest, said)| descriptions::put(db, digest.as_bytes(), said))
            })?;
        }
        Ok(rows)
    }

    /// Finds out everything about a plugin, without trusting it.
    pub fn plugin_report(&self, name: &str) -> Result<PluginReport, PluginError> {
        let found = self.found(name)?;
        let (plugin, cost) = cost::measured(self.plugins(), &found)?;
        let description = plugin.describe()?;
        let is_trusted = match &found.origin {
            Origin::Bundled => true,
            Origin::Dropped(_) => {
                let digest = plugin.digest.to_hex();
                self.plugins().lock().read()?.iter().any(|known| known.digest == *digest.as_str())
            }
        };
        Ok(PluginReport { plugin, description, is_trusted, cost })
    }

    /// Trusts a plugin as it is now; returns its digest and, when it differs, the one that was trusted before.
    pub fn trust_plugin(&self, name: &str) -> Result<(String, Option<String>), PluginError> {
        let found = self.found(name)?;
        let bytes = self.plugins().bytes(&found)?;
        Anatomy::read(&found.name, &bytes)?;
        let digest = blake3::hash(&bytes);
        let before = match &found.origin {
            Origin::Bundled => None,
            Origin::Dropped(path) => self.plugins().lock().trust(&found.name, path, &digest)?,
        };
        let digest = digest.to_hex().to_string();
        Ok((digest.clone(), before.map(|known| known.digest).filter(|known| *known != digest)))
    }

    pub(super) fn found(&self, name: &str) -> Result<Found, PluginError> {
        let mut found = self.plugins().find(name)?;
        if let Origin::Dropped(path) = &mut found.origin {
            *path = self.places().working.join(&*path);
        }
        Ok(found)
    }

    /// Which profiles name which plugin; profiles with mistakes name none.
    fn uses(&self) -> BTreeMap<String, Vec<String>> {
        let mut used: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in self.search().list().into_iter().map(|found| found.name) {
            let Ok(profile) = Profile::load(&self.search(), &name, self.places().user_home.as_deref()) else {
                continue;
            };
            let named = std::iter::once(&profile.detect).chain(&profile.introspect).chain(&profile.policies);
            for plugin in named {
                let Ok(found) = self.plugins().find(&plugin.plugin.to_string()) else { continue };
                let names = used.entry(key(&found)).or_default();
                if !names.contains(&name) {
                    names.push(name.clone());
                }
            }
        }
        used
    }
}

/// What tells two plugins apart.
fn key(found: &Found) -> String {
    match &found.origin {
        Origin::Bundled => found.name.clone(),
        Origin::Dropped(path) => path.to_string_lossy().into_owned(),
    }
}

fn in_short(said: Description) -> Described {
    Described { name: said.name, version: said.version, summary: said.summary, licence: said.licence }
}
