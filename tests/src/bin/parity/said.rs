//! What is said of one file, by vpo or by a tool, in one form.

use std::collections::BTreeMap;

use serde_json::Value;

/// Named values of a file, a track, a chapter or an attachment, as `vpo inspect --json` names them.
pub type Fields = BTreeMap<&'static str, Value>;

/// A file and what is in it. A list that is absent was not told one by one.
#[derive(Debug, Default)]
pub struct Said {
    pub file: Fields,
    pub tracks: Vec<Fields>,
    pub chapters: Option<Vec<Fields>>,
    pub attachments: Option<Vec<Fields>>,
    pub tags: Vec<Tag>,
}

/// One text about the file, or about one of its tracks, counted from zero.
#[derive(Debug)]
pub struct Tag {
    pub track: Option<usize>,
    pub name: String,
    pub value: String,
}

/// The entries of a list, none of what is no list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Keeps a value that there is.
pub fn put(fields: &mut Fields, name: &'static str, value: &Value) {
    if !value.is_null() {
        fields.insert(name, value.clone());
    }
}

/// Reads `24000/1001`.
pub fn ratio(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let rate = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    (rate.is_finite() && rate >= 0.0).then_some(rate)
}
