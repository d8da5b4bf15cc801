//! Putting a plugin to use: checked, copied into the folder of plugins, trusted as it is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Library;
use crate::plugins::{Origin, PluginError};

/// A plugin that was put to use.
#[derive(Debug)]
pub struct Installed {
    /// What profiles call it: the name of its file.
    pub name: String,
    pub path: PathBuf,
    pub digest: String,
    /// Another version of it was there.
    pub replaced: bool,
}

/// Why a plugin was not put to use; nothing was changed then.
#[derive(Debug, Error)]
pub enum InstallError {
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error("{0:?} is the name of a plugin that comes with vpo, which a file never replaces")]
    Bundled(String),
    #[error("cannot write {path}")]
    NotWritten { path: PathBuf, source: std::io::Error },
}

impl Library {
    /// Copies a component into the home's folder of plugins and trusts it as it is now.
    pub fn install_plugin(&self, component: &Path) -> Result<Installed, InstallError> {
        let mut found = self.plugins().find(&format!("./{}", component.display()))?;
        found.origin = Origin::Dropped(self.places().working.join(component));
        let name = found.name.clone();
        if matches!(self.plugins().find(&name), Ok(other) if other.origin == Origin::Bundled) {
            return Err(InstallError::Bundled(name));
        }
        // What cannot be called is not put where profiles find it.
        self.plugins().examine(&found)?.describe()?;
        let bytes = self.plugins().bytes(&found)?;
        let folder = self.places().home.join("plugins");
        let path = folder.join(&name).with_extension("wasm");
        let not_written = |source| InstallError::NotWritten { path: path.clone(), source };
        fs::create_dir_all(&folder).map_err(not_written)?;
        let mut draft = tempfile::Builder::new().prefix(".installing-").tempfile_in(&folder).map_err(not_written)?;
        draft.write_all(&bytes).and_then(|()| draft.as_file().sync_all()).map_err(not_written)?;
        let replaced = path.exists();
        // Trusted before it is there: a crash in between leaves the old one, which stays trusted, too.
        let digest = blake3::hash(&bytes);
        self.plugins().lock().trust(&name, &path, &digest)?;
        let kept = draft.persist(&path).map_err(|error| not_written(error.error))?;
        use std::os::unix::fs::PermissionsExt;
        kept.set_permissions(fs::Permissions::from_mode(0o644)).map_err(not_written)?;
        Ok(Installed { name, path, digest: digest.to_hex().to_string(), replaced })
    }
}
