//! ffprobe's JSON: only what facts are made of, and nothing required, since ffprobe leaves out what it does not know.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    pub streams: Vec<Stream>,
    pub chapters: Vec<Chapter>,
    pub format: Format,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stream {
    pub index: u32,
    pub id: Option<String>,
    pub codec_type: Option<String>,
    pub codec_name: Option<String>,
    pub codec_tag_string: String,
    pub codec_tag: String,
    pub profile: Option<String>,
    pub level: Option<i64>,
    pub width: u32,
    pub height: u32,
    pub sample_aspect_ratio: Option<String>,
    pub pix_fmt: Option<String>,
    pub color_range: Option<String>,
    pub color_space: Option<String>,
    pub color_transfer: Option<String>,
    pub color_primaries: Option<String>,
    pub field_order: Option<String>,
    pub r_frame_rate: String,
    pub avg_frame_rate: String,
    pub sample_rate: Option<String>,
    pub channels: u32,
    pub channel_layout: Option<String>,
    pub bits_per_sample: u32,
    pub bits_per_raw_sample: Option<String>,
    pub duration: Option<String>,
    pub bit_rate: Option<String>,
    pub extradata_size: u64,
    pub disposition: BTreeMap<String, i64>,
    pub tags: BTreeMap<String, String>,
    pub side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SideData {
    pub side_data_type: String,
    /// Degrees against the clock; it is a fraction for odd matrices.
    pub rotation: Option<f64>,
    pub dv_profile: Option<u8>,
    pub dv_level: Option<u8>,
    pub dv_bl_signal_compatibility_id: Option<u8>,
    pub red_x: Option<String>,
    pub red_y: Option<String>,
    pub green_x: Option<String>,
    pub green_y: Option<String>,
    pub blue_x: Option<String>,
    pub blue_y: Option<String>,
    pub white_point_x: Option<String>,
    pub white_point_y: Option<String>,
    pub min_luminance: Option<String>,
    pub max_luminance: Option<String>,
    pub max_content: Option<u32>,
    pub max_average: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chapter {
    pub time_base: String,
    pub start: i64,
    pub end: i64,
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Format {
    pub format_name: String,
    pub duration: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// Reads an answer. ffprobe replaces what is not UTF-8 itself, but not in every field of every version.
pub fn parse(bytes: &[u8]) -> Result<Answer, serde_json::Error> {
    match serde_json::from_slice(bytes) {
        Err(wrong) if std::str::from_utf8(bytes).is_ok() => Err(wrong),
        Err(_) => serde_json::from_str(&String::from_utf8_lossy(bytes)),
        answer => answer,
    }
}
