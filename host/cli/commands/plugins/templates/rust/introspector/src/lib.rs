//! Reads YUV4MPEG2: raw video behind one line of text, such as `YUV4MPEG2 W640 H360 F24000:1001`.

use vpo_plugin_sdk::facts::{
    Addresses, Colour, DynamicRange, Facts, Language, Ratio, Track, TrackDetails, TrackFlags, Video,
};
use vpo_plugin_sdk::introspector::{Claims, Failure, Magic};
use vpo_plugin_sdk::source::Media;
use vpo_plugin_sdk::{Introspector, Plugin, introspector_plugin};

const MAGIC: &str = "YUV4MPEG2 ";

/// Longer first lines are not to be believed.
const LINE_MAX: u32 = 512;

/// The plugin.
pub struct {{Type}};

impl Plugin for {{Type}} {
    const NAME: &str = env!("CARGO_PKG_NAME");
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Reads YUV4MPEG2";
    type Options = ();
}

impl Introspector for {{Type}} {
    fn claim() -> Claims {
        let magic = Magic { offset: 0, bytes: MAGIC.into() };
        Claims { extensions: vec!["y4m".into()], magic: vec![magic], tools: vec![] }
    }

    fn read(_: &(), media: &Media) -> Result<Facts, Failure> {
        let bytes = media.read_at(0, LINE_MAX).map_err(|error| Failure::Unreadable(format!("{error:?}")))?;
        parse(&bytes)
    }
}

/// Parses the beginning of a file.
///
/// # Errors
///
/// `NotMine` for files of other formats; what is wrong with those of this one.
pub fn parse(bytes: &[u8]) -> Result<Facts, Failure> {
    let rest = bytes.strip_prefix(MAGIC.as_bytes()).ok_or(Failure::NotMine)?;
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
        return Err(Failure::Truncated("the first line has no end".into()));
    };
    let line = String::from_utf8_lossy(&rest[..end]);
    let (mut width, mut height, mut frame_rate) = (None, None, None);
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let Some(value) = word.get(1..) else { continue };
        match &word[..1] {
            "W" => width = value.parse::<u32>().ok(),
            "H" => height = value.parse::<u32>().ok(),
            "F" => frame_rate = ratio(value),
            _ => {}
        }
    }
    let (Some(width), Some(height)) = (width, height) else {
        return Err(Failure::Malformed("the first line has no width or no height".into()));
    };
    Ok(facts(width, height, frame_rate))
}

fn ratio(value: &str) -> Option<Ratio> {
    let (numerator, denominator) = value.split_once(':')?;
    let ratio = Ratio { numerator: numerator.parse().ok()?, denominator: denominator.parse().ok()? };
    (ratio.denominator != 0).then_some(ratio)
}

fn facts(width: u32, height: u32, frame_rate: Option<Ratio>) -> Facts {
    let colour = Colour {
        primaries: None,
        transfer: None,
        matrix: None,
        range: None,
        mastering: None,
        max_content_light: None,
        max_frame_light: None,
    };
    let video = Video {
        width,
        height,
        display_width: width,
        display_height: height,
        rotation: 0,
        frame_rate,
        interlaced: None,
        bit_depth: None,
        colour,
        dynamic_range: DynamicRange::Sdr,
    };
    let flags = TrackFlags {
        default: true,
        forced: false,
        enabled: true,
        original: false,
        commentary: false,
        hearing_impaired: false,
        visual_impaired: false,
        text_descriptions: false,
    };
    let track = Track {
        id: 0,
        number: 1,
        addresses: Addresses { mkvmerge: None, mkvpropedit: None, ffmpeg: Some(0) },
        details: TrackDetails::Video(video),
        codec: "rawvideo".into(),
        codec_id: "YUV4MPEG2".into(),
        profile: None,
        level: None,
        language: Language { tag: "und".into(), original: None },
        title: None,
        flags,
        duration_ns: None,
        bit_rate: None,
        extra: vec![],
    };
    Facts {
        container: "yuv4mpeg2".into(),
        brand: None,
        title: None,
        duration_ns: None,
        muxing_application: None,
        writing_application: None,
        tracks: vec![track],
        chapters: vec![],
        attachments: vec![],
        tags: vec![],
        partial: None,
        warnings: vec![],
        extra: vec![],
    }
}

introspector_plugin!({{Type}});
