//! The Video element of a track: sizes, interlacing, colour, and how to turn the picture.

use vpo_plugin_sdk::facts::{Colour, ColourRange, Mastering};
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
};

/// The display unit of an aspect ratio.
const RATIO: u64 = 3;
/// Nobody shows a picture at so small a part of its size.
const SMALLEST: u64 = 10;

/// What the container says of the picture.
#[derive(Debug, Clone)]
pub struct Picture {
    pub width: u64,
    pub height: u64,
    crop_top: u64,
    crop_bottom: u64,
    crop_left: u64,
    crop_right: u64,
    display_width: Option<u64>,
    display_height: Option<u64>,
    /// 0 pixels, 1 centimetres, 2 inches, 3 aspect ratio, 4 unknown.
    display_unit: u64,
    pub interlaced: Option<bool>,
    /// How two eyes' pictures are packed; zero for one eye.
    pub stereo_mode: u64,
    pub has_alpha: bool,
    pub bits_per_channel: Option<u8>,
    pub colour: Colour,
    /// How samples lie that are not compressed.
    pub letters: Option<[u8; 4]>,
    /// Frames per second, as old writers state them.
    pub frame_rate: Option<f64>,
    roll: Option<f64>,
}

impl Picture {
    fn empty() -> Self {
        Self {
            width: 0,
            height: 0,
            crop_top: 0,
            crop_bottom: 0,
            crop_left: 0,
            crop_right: 0,
            display_width: None,
            display_height: None,
            display_unit: 0,
            interlaced: None,
            stereo_mode: 0,
            has_alpha: false,
            bits_per_channel: None,
            colour: empty_colour(),
            letters: None,
            frame_rate: None,
            roll: None,
        }
    }

    /// Size to show at, in square pixels, for a picture of this coded size.
    pub fn display_size(&self) -> (u64, u64) {
        let width = self.width.saturating_sub(self.crop_left.saturating_add(self.crop_right));
        let height = self.height.saturating_sub(self.crop_top.saturating_add(self.crop_bottom));
        // Some writers state a ratio as if it were pixels.
        let is_ratio = |across: u64, down: u64| across.max(1) <= width / SMALLEST && down.max(1) <= height / SMALLEST;
        let unit = match (self.display_unit, self.display_width, self.display_height) {
            (0, Some(across), Some(down)) if is_ratio(across, down) => RATIO,
            (unit, _, _) => unit,
        };
        match (unit, self.display_width, self.display_height) {
            (0, shown_width, shown_height) => (shown_width.unwrap_or(width), shown_height.unwrap_or(height)),
            // A ratio, or lengths that are one: the height stays, the width follows.
            (1..=RATIO, Some(across), Some(down)) if across > 0 && down > 0 => {
                let scaled = u128::from(height) * u128::from(across) / u128::from(down);
                (u64::try_from(scaled).unwrap_or(u64::MAX), height)
            }
            _ => (width, height),
        }
    }

    /// Clockwise degrees to turn the picture by; the file states them anticlockwise.
    pub fn rotation(&self) -> i32 {
        let degrees = -self.roll.unwrap_or(0.0).clamp(-180.0, 180.0).round() as i32;
        degrees.rem_euclid(360)
    }
}

impl Default for Picture {
    fn default() -> Self {
        Self::empty()
    }
}

/// A colour of which nothing is known.
pub fn empty_colour() -> Colour {
    Colour {
        primaries: None,
        transfer: None,
        matrix: None,
        range: None,
        mastering: None,
        max_content_light: None,
        max_frame_light: None,
    }
}

pub fn read(file: &mut File<'_>, video: &Element) -> Result<Picture, ReadError> {
    let mut picture = Picture::empty();
    let mut walk = Walk::inside(video);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::FRAME_RATE => picture.frame_rate = ebml::float(file, &child)?,
            ids::UNCOMPRESSED_FOUR_CC => picture.letters = ebml::binary(file, &child, 4)?.try_into().ok(),
            ids::COLOUR => read_colour(file, &child, &mut picture)?,
            ids::PROJECTION => picture.roll = read_roll(file, &child)?,
            _ => read_number(file, &child, &mut picture)?,
        }
    }
    Ok(picture)
}

fn read_number(file: &mut File<'_>, child: &Element, picture: &mut Picture) -> Result<(), ReadError> {
    // Also of unknown elements, which costs nothing: they are at most eight bytes beside the header.
    let Some(value) = ebml::unsigned(file, child)? else { return Ok(()) };
    match child.id {
        ids::PIXEL_WIDTH => picture.width = value,
        ids::PIXEL_HEIGHT => picture.height = value,
        ids::PIXEL_CROP_TOP => picture.crop_top = value,
        ids::PIXEL_CROP_BOTTOM => picture.crop_bottom = value,
        ids::PIXEL_CROP_LEFT => picture.crop_left = value,
        ids::PIXEL_CROP_RIGHT => picture.crop_right = value,
        ids::DISPLAY_WIDTH => picture.display_width = Some(value).filter(|width| *width > 0),
        ids::DISPLAY_HEIGHT => picture.display_height = Some(value).filter(|height| *height > 0),
        ids::DISPLAY_UNIT => picture.display_unit = value,
        ids::FLAG_INTERLACED => {
            picture.interlaced = match value {
                1 => Some(true),
                2 => Some(false),
                _ => None,
            }
        }
        ids::STEREO_MODE => picture.stereo_mode = value,
        ids::ALPHA_MODE => picture.has_alpha = value == 1,
        _ => {}
    }
    Ok(())
}

fn read_roll(file: &mut File<'_>, projection: &Element) -> Result<Option<f64>, ReadError> {
    let (mut kind, mut roll) = (0, None);
    let mut walk = Walk::inside(projection);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::PROJECTION_TYPE => kind = ebml::unsigned(file, &child)?.unwrap_or(0),
            ids::PROJECTION_POSE_ROLL => roll = ebml::float(file, &child)?,
            _ => {}
        }
    }
    // Only a flat picture is turned; a sphere is looked around in.
    Ok(roll.filter(|_| kind == 0))
}

fn read_colour(file: &mut File<'_>, colour: &Element, picture: &mut Picture) -> Result<(), ReadError> {
    let mut walk = Walk::inside(colour);
    while let Some(child) = walk.next(file)? {
        if child.id == ids::MASTERING_METADATA {
            picture.colour.mastering = read_mastering(file, &child)?;
            continue;
        }
        let Some(value) = ebml::unsigned(file, &child)? else { continue };
        let code = u16::try_from(value).ok();
        let light = u32::try_from(value).ok();
        match child.id {
            // Two means unspecified everywhere; zero is reserved, but for the matrix of RGB.
            ids::MATRIX_COEFFICIENTS => picture.colour.matrix = code.filter(|code| *code != 2),
            ids::TRANSFER_CHARACTERISTICS => picture.colour.transfer = code.filter(|code| !matches!(code, 0 | 2)),
            ids::PRIMARIES => picture.colour.primaries = code.filter(|code| !matches!(code, 0 | 2)),
            ids::RANGE => {
                picture.colour.range = match value {
                    1 => Some(ColourRange::Limited),
                    2 => Some(ColourRange::Full),
                    _ => None,
                }
            }
            ids::BITS_PER_CHANNEL => picture.bits_per_channel = u8::try_from(value).ok().filter(|bits| *bits > 0),
            ids::MAX_CLL => picture.colour.max_content_light = light,
            ids::MAX_FALL => picture.colour.max_frame_light = light,
            _ => {}
        }
    }
    Ok(())
}

/// Takes off what a float of four bytes adds: 0.68 would be 0.680000007. The finest step of ST 2086 is 0.00002.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Reads the mastering display; what is not stated of it is zero.
fn read_mastering(file: &mut File<'_>, mastering: &Element) -> Result<Option<Mastering>, ReadError> {
    const WANTED: [u32; 10] = [
        ids::PRIMARY_R_X,
        ids::PRIMARY_R_Y,
        ids::PRIMARY_G_X,
        ids::PRIMARY_G_Y,
        ids::PRIMARY_B_X,
        ids::PRIMARY_B_Y,
        ids::WHITE_POINT_X,
        ids::WHITE_POINT_Y,
        ids::LUMINANCE_MIN,
        ids::LUMINANCE_MAX,
    ];
    let mut values = [0.0; WANTED.len()];
    let mut is_any = false;
    let mut walk = Walk::inside(mastering);
    while let Some(child) = walk.next(file)? {
        if let Some(place) = WANTED.iter().position(|id| *id == child.id) {
            values[place] = ebml::float(file, &child)?.map(rounded).unwrap_or_default();
            is_any = true;
        }
    }
    let [rx, ry, gx, gy, bx, by, wx, wy, luminance_min, luminance_max] = values;
    Ok(is_any.then_some(Mastering {
        red: (rx, ry),
        green: (gx, gy),
        blue: (bx, by),
        white: (wx, wy),
        luminance_min,
        luminance_max,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_display_size_follows_crop_ratio_and_statement() {
        let plain = Picture { width: 720, height: 576, ..Picture::empty() };
        let cropped = Picture { crop_top: 8, crop_bottom: 8, ..plain.clone() };
        let stated = Picture { display_width: Some(1024), ..cropped.clone() };
        let ratio = Picture { display_unit: 3, display_width: Some(16), display_height: Some(9), ..plain.clone() };
        let small = Picture { display_width: Some(80), display_height: Some(64), ..plain.clone() };
        let absurd = Picture { crop_left: u64::MAX, crop_right: 1, ..plain.clone() };

        assert_eq!(plain.display_size(), (720, 576));
        assert_eq!(cropped.display_size(), (720, 560));
        assert_eq!(stated.display_size(), (1024, 560));
        assert_eq!(ratio.display_size(), (1024, 576));
        assert_eq!(Picture { display_unit: 0, ..ratio }.display_size(), (1024, 576));
        assert_eq!(small.display_size(), (80, 64));
        assert_eq!(absurd.display_size(), (0, 576));
    }

    #[test]
    fn a_roll_is_stated_the_other_way_round() {
        let rolled = |roll| Picture { roll: Some(roll), ..Picture::empty() }.rotation();

        assert_eq!([rolled(0.0), rolled(-90.0), rolled(90.0), rolled(180.0), rolled(1e300)], [0, 90, 270, 180, 180]);
    }
}
