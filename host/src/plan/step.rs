//! What a policy says of a file: steps with their reasons, what it left alone, and warnings.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::media::Entry;

/// Why something is done or left alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Reason {
    /// One sentence for a person.
    #[serde(rename = "reason")]
    pub text: String,
    /// The option node that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<u32>,
    /// What was looked at, for example `language` = `fr`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Entry>,
}

impl Reason {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// One thing to do, why, and who asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    #[serde(flatten)]
    pub action: Action,
    #[serde(flatten)]
    pub reason: Reason,
    /// Name of the policy that asked for it.
    pub policy: String,
}

/// Something that was looked at and left as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftAlone {
    /// Absent when it is about the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<u32>,
    #[serde(flatten)]
    pub reason: Reason,
    pub policy: String,
}

/// Something that a person should know of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    pub policy: String,
    pub text: String,
}

/// What one policy answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdict {
    pub steps: Vec<Step>,
    pub left_alone: Vec<LeftAlone>,
    pub warnings: Vec<Warning>,
    /// When present, the policies after this one do not run on this file, for this reason.
    pub stop: Option<String>,
    pub extra: Vec<Entry>,
}

/// What a policy knows beside the facts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Context {
    /// Date of the evaluation as `YYYY-MM-DD` (UTC).
    pub today: String,
    /// Name of the file with its extension, never its folder.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Steps that the profile allows, by name.
    pub allowed: Vec<String>,
    /// External programs at hand.
    pub tools: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<Entry>,
}
