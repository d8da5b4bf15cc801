//! What holds for one run: a profile, and every setting with who chose it.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::Library;
use crate::kdl_read::{Base, Mistakes};
use crate::media::text;
use crate::profile::{PluginName, Profile, ProfileError, Search};
use crate::settings::{self, Layer, Settings};

/// A profile and the settings that hold under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub profile: Profile,
    pub settings: Settings,
}

/// Why it is not known what holds.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error("the settings in {} cannot be read", text::path(.path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the settings in {} are mistaken", text::path(.path))]
    Mistaken { path: PathBuf, mistakes: Mistakes },
    #[error("the profile {profile} has no policy {policy:?}")]
    NoSuchPolicy { profile: String, policy: String, known: Vec<String> },
}

impl Library {
    /// Where profiles are looked for.
    pub fn search(&self) -> Search {
        Search { folders: self.places().profile_folders.clone() }
    }

    /// Reads a profile by name, or takes the built-in one, and lays it over the settings and under the flags.
    pub fn choose(&self, profile: Option<&str>, flags: Layer) -> Result<Choice, ChoiceError> {
        let profile = match profile {
            Some(name) => Profile::load(&self.search(), name, self.places().user_home.as_deref())?,
            None => Profile::built_in(),
        };
        let settings = self.settings(profile.settings.clone(), flags)?;
        Ok(Choice { profile, settings })
    }

    /// The same with every plugin of the profile checked and its options as the plugin gets them: what a command needs
    /// that is going to work. All mistakes, those in the text and those in the options, come at once.
    pub fn choose_ready(&self, profile: Option<&str>, flags: Layer) -> Result<Choice, ChoiceError> {
        self.choose_ready_with(profile, flags, &[])
    }

    /// The same with other plugins in the place of some policies, each with the options that the profile has for it.
    pub fn choose_ready_with(
        &self,
        profile: Option<&str>,
        flags: Layer,
        others: &[(String, PathBuf)],
    ) -> Result<Choice, ChoiceError> {
        let (mut profile, mut mistakes) = match profile {
            Some(name) => Profile::read(&self.search(), name, self.places().user_home.as_deref())?,
            None => (Profile::built_in(), Mistakes::default()),
        };
        for (policy, other) in others {
            let used: Vec<_> = profile.policies.iter_mut().filter(|used| used.is_called(policy)).collect();
            if used.is_empty() {
                let known = profile.policies.iter().map(|used| used.written.clone()).collect();
                let profile = profile.label().to_owned();
                return Err(ChoiceError::NoSuchPolicy { profile, policy: policy.clone(), known });
            }
            for used in used {
                used.plugin = PluginName::File(self.places().working.join(other));
            }
        }
        let settings = self.settings(profile.settings.clone(), flags)?;
        self.limit_plugins(&settings);
        self.prepare_plugins(&mut profile, &mut mistakes);
        let profile = profile.without(mistakes)?;
        Ok(Choice { profile, settings })
    }

    /// The settings without any profile.
    pub fn base_settings(&self, flags: Layer) -> Result<Settings, ChoiceError> {
        self.settings(Layer::default(), flags)
    }

    fn settings(&self, profile: Layer, flags: Layer) -> Result<Settings, ChoiceError> {
        let config = self.config()?;
        Ok(Settings::resolve([flags, profile, config], settings::defaults(&self.places().home)))
    }

    /// Reads the settings file. The one in the home need not be there; one that was named must.
    fn config(&self) -> Result<Layer, ChoiceError> {
        let path = &self.places().config;
        let is_named = *path != self.places().home.join("config.kdl");
        let content = match fs::read_to_string(path) {
            Ok(content) => content,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && !is_named => return Ok(Layer::default()),
            Err(source) => return Err(ChoiceError::Unreadable { path: path.clone(), source }),
        };
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        let base = Base { folder, home: self.places().user_home.clone() };
        settings::config(&path.display().to_string(), &content, base)
            .map_err(|mistakes| ChoiceError::Mistaken { path: path.clone(), mistakes })
    }
}
