//! What is wrong with a profile or with settings, in words.

use serde_json::json;
use vpo::library::ChoiceError;
use vpo::profile::ProfileError;

use super::Mistake;

/// Tells why it is not known what holds.
pub fn mistake_of(error: &ChoiceError) -> Mistake {
    let code = match error {
        ChoiceError::Profile(ProfileError::Unknown { .. }) => "PROFILE_NOT_FOUND",
        ChoiceError::Profile(_) => "PROFILE_MISTAKEN",
        ChoiceError::Unreadable { .. } | ChoiceError::Mistaken { .. } => "SETTINGS_MISTAKEN",
    };
    Mistake::because(code, error).details(json!({}))
}
