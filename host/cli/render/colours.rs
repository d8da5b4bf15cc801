//! Colours of a picture by the names that people know them by; the numbers are code points of ITU-T H.273.

use vpo::media::{Colour, ColourRange, Details, Mastering, Track};

/// What is known of the colours of a picture, and of the screen that it was made on.
pub fn lines(track: &Track) -> Vec<String> {
    let Details::Video(video) = &track.details else { return Vec::new() };
    [space(&video.colour), light(&video.colour)]
        .into_iter()
        .filter(|said| !said.is_empty())
        .map(|said| format!("track {}: {}", track.id, said.join(", ")))
        .collect()
}

fn space(colour: &Colour) -> Vec<String> {
    let named = |what: &str, number: Option<u16>, name: fn(u16) -> Option<&'static str>| {
        number.map(|number| match name(number) {
            Some(name) => format!("{what} {name} ({number})"),
            None => format!("{what} {number}"),
        })
    };
    let range = colour.range.map(|range| match range {
        ColourRange::Limited => "limited range".to_owned(),
        ColourRange::Full => "full range".to_owned(),
    });
    [
        named("primaries", colour.primaries, primaries),
        named("transfer", colour.transfer, transfer),
        named("matrix", colour.matrix, matrix),
        range,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a picture in high dynamic range was made on, and how bright it gets.
fn light(colour: &Colour) -> Vec<String> {
    let mastering = colour.mastering.as_ref().map(|display| {
        let (least, most) = (display.luminance_min, display.luminance_max);
        match gamut(display) {
            Some(gamut) => format!("mastered in {gamut} at {least} to {most} cd/m²"),
            None => format!("mastered at {least} to {most} cd/m²"),
        }
    });
    let most = colour.max_content_light.map(|light| format!("at most {light} cd/m²"));
    let mean = colour.max_frame_light.map(|light| format!("{light} cd/m² in a frame"));
    [mastering, most, mean].into_iter().flatten().collect()
}

/// The colours of a mastering display, where they are those of a standard.
fn gamut(display: &Mastering) -> Option<&'static str> {
    /// Name, then x and y of red, green and blue.
    const GAMUTS: [(&str, [(f64, f64); 3]); 3] = [
        ("BT.2020", [(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]),
        ("P3", [(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]),
        ("BT.709", [(0.640, 0.330), (0.300, 0.600), (0.150, 0.060)]),
    ];
    let is_near = |(x, y): (f64, f64), (to_x, to_y): (f64, f64)| (x - to_x).abs() < 0.002 && (y - to_y).abs() < 0.002;
    let is_it = |(_, [red, green, blue]): &&(&str, [(f64, f64); 3])| {
        is_near(display.red, *red) && is_near(display.green, *green) && is_near(display.blue, *blue)
    };
    GAMUTS.iter().find(is_it).map(|(name, _)| *name)
}

/// ColourPrimaries, table 2.
fn primaries(number: u16) -> Option<&'static str> {
    Some(match number {
        1 => "BT.709",
        2 => "unspecified",
        4 => "BT.470 M",
        5 => "BT.470 B/G",
        6 => "BT.601",
        7 => "SMPTE 240M",
        8 => "film",
        9 => "BT.2020",
        10 => "XYZ",
        11 => "DCI-P3",
        12 => "Display P3",
        22 => "EBU Tech 3213",
        _ => return None,
    })
}

/// TransferCharacteristics, table 3.
fn transfer(number: u16) -> Option<&'static str> {
    Some(match number {
        1 => "BT.709",
        2 => "unspecified",
        4 => "gamma 2.2",
        5 => "gamma 2.8",
        6 => "BT.601",
        7 => "SMPTE 240M",
        8 => "linear",
        9 => "logarithmic 100:1",
        10 => "logarithmic 316:1",
        11 => "xvYCC",
        12 => "BT.1361",
        13 => "sRGB",
        14 => "BT.2020 10 bit",
        15 => "BT.2020 12 bit",
        16 => "PQ",
        17 => "DCI",
        18 => "HLG",
        _ => return None,
    })
}

/// MatrixCoefficients, table 4.
fn matrix(number: u16) -> Option<&'static str> {
    Some(match number {
        0 => "RGB",
        1 => "BT.709",
        2 => "unspecified",
        4 => "FCC",
        5 => "BT.470 B/G",
        6 => "BT.601",
        7 => "SMPTE 240M",
        8 => "YCgCo",
        9 => "BT.2020",
        10 => "BT.2020 constant luminance",
        11 => "SMPTE 2085",
        12 => "derived",
        13 => "derived, constant luminance",
        14 => "ICtCp",
        15 => "IPT-C2",
        16 => "YCgCo-Re",
        17 => "YCgCo-Ro",
        _ => return None,
    })
}
