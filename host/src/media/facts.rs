//! Facts of a whole file.

use serde::{Deserialize, Serialize};

use super::{Language, Track};

/// What introspection found in a file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// One normal name: `matroska`, `webm`, `mp4`, `mov`, `avi`, `mpegts`, …
    pub container: String,
    /// DocType or major brand as it stands in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muxing_application: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writing_application: Option<String>,
    pub tracks: Vec<Track>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<Chapter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Why these facts are not complete, when they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
    /// Oddities that did not hinder reading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<Entry>,
}

impl Facts {
    /// Whether `extra` says this of the file.
    pub fn is_said(&self, name: &str) -> bool {
        self.extra.iter().any(|entry| entry.says(name))
    }

    /// The text that `extra` has under this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.extra.iter().find(|entry| entry.name == name);
        found.and_then(|entry| if let Value::Text(text) = &entry.value { Some(text.as_str()) } else { None })
    }

    /// Finds a track by the id that steps name it by.
    pub fn find_track(&self, id: u32) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id == id)
    }
}

/// One mark on the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    pub start_ns: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub language: Language,
    #[serde(default)]
    pub hidden: bool,
    /// Nesting: zero at the top of its edition.
    #[serde(default)]
    pub depth: u32,
    /// Edition, counted from zero.
    #[serde(default)]
    pub edition: u32,
}

/// A file inside the file: a font, or cover art in whatever way the container stores it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Names the attachment in steps; counted from zero in file order when read.
    pub id: u32,
    pub name: String,
    pub media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Bytes.
    pub size: u64,
    #[serde(default)]
    pub is_cover: bool,
}

/// A named text of the file or of one track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The track it is about; absent when it is about the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<u32>,
    pub name: String,
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A named value that this version of the contract has no field for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub value: Value,
}

impl Entry {
    /// Whether it says that something of this name is so.
    pub fn says(&self, name: &str) -> bool {
        self.name == name && self.value == Value::Boolean(true)
    }
}

/// A scalar, as KDL and the contract know them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(String),
}
