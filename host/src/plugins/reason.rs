//! Numbers that no film has: damaged headers are full of them, and policies would decide on them.
//!
//! Each becomes unknown, with a warning that names it. The limits are far from anything real, so that nothing true is
//! lost; `docs/introspection.md` tells them.

use crate::media::{Audio, Details, Facts, Ratio, Track, Video};

/// A year: surveillance records for weeks.
const DURATION_MAX_NS: u64 = 366 * 24 * 3600 * 1_000_000_000;

/// What the wave format, Opus and most others can count at most, and four times the loudspeakers of any cinema.
const CHANNELS_MAX: u32 = 255;

/// Nothing samples sound at radio frequencies; DSD comes to 1.4 MHz in bytes.
const SAMPLE_RATE_MAX: u32 = 10_000_000;

/// The largest that any codec in use can say.
const SIDE_MAX: u32 = 65_535;

/// How much wider or higher than its samples a picture is shown. Anamorphic films and halves of stereoscopic ones come to 2.
const STRETCH_MAX: f64 = 16.0;

/// A frame an hour for lapses of time; a thousand a second from scientific cameras.
const FRAME_RATES: std::ops::RangeInclusive<f64> = 1.0 / 3600.0..=1000.0;

/// Floating-point samples, as wide as there are.
const BIT_DEPTH_MAX: u8 = 64;

/// Bits a second that anything may take, however small its picture: headers come on top.
const BIT_RATE_FREE: f64 = 2e6;

/// Takes what is beyond reason out of facts.
pub(super) fn keep_within(facts: &mut Facts) {
    let mut doubts = Vec::new();
    let duration = |ns: u64| format!("a duration of {} s", ns / 1_000_000_000);
    keep(&mut facts.duration_ns, |ns| ns <= DURATION_MAX_NS, duration, &mut doubts);
    for chapter in &mut facts.chapters {
        let end = |ns: u64| format!("the end of a chapter at {} s", ns / 1_000_000_000);
        keep(&mut chapter.end_ns, |ns| ns <= DURATION_MAX_NS, end, &mut doubts);
    }
    for track in &mut facts.tracks {
        let mut of_track = Vec::new();
        keep(&mut track.duration_ns, |ns| ns <= DURATION_MAX_NS, duration, &mut of_track);
        match &mut track.details {
            Details::Video(video) => keep_picture(video, &mut of_track),
            Details::Audio(audio) => keep_sound(audio, &mut of_track),
            Details::Subtitle(_) | Details::Other => {}
        }
        let most = bit_rate_max(track);
        keep(&mut track.bit_rate, |rate| rate as f64 <= most, |rate| format!("a bit rate of {rate}"), &mut of_track);
        doubts.extend(of_track.into_iter().map(|doubt| format!("track {}: {doubt}", track.id)));
    }
    facts.warnings.extend(doubts);
}

fn keep_picture(video: &mut Video, doubts: &mut Vec<String>) {
    let is_side = |side: u32| (1..=SIDE_MAX).contains(&side);
    let size = (video.width, video.height);
    if size != (0, 0) && !(is_side(video.width) && is_side(video.height)) {
        doubts.push(beyond_reason(&format!("a size of {}x{}", video.width, video.height)));
        (video.width, video.height) = (0, 0);
    }
    let shown = (video.display_width, video.display_height);
    let is_known = (video.width, video.height) != (0, 0);
    let stretch = ratio(video.display_width, video.display_height) / ratio(video.width, video.height);
    let is_stretched = is_known && !(1.0 / STRETCH_MAX..=STRETCH_MAX).contains(&stretch);
    if shown != (0, 0) && !(is_side(shown.0) && is_side(shown.1) && !is_stretched) {
        (video.display_width, video.display_height) = (video.width, video.height);
        match shown {
            shown if shown == size => {}
            (width, height) if is_stretched => {
                doubts.push(beyond_reason(&format!("a size of {}x{} shown as {width}x{height}", size.0, size.1)));
            }
            (width, height) => doubts.push(beyond_reason(&format!("a display size of {width}x{height}"))),
        }
    }
    let is_rate = |rate: Ratio| FRAME_RATES.contains(&ratio(rate.numerator, rate.denominator));
    keep(&mut video.frame_rate, is_rate, |rate| format!("a frame rate of {rate}"), doubts);
    keep(&mut video.bit_depth, |depth| depth <= BIT_DEPTH_MAX, depth, doubts);
}

fn keep_sound(audio: &mut Audio, doubts: &mut Vec<String>) {
    if audio.channels > CHANNELS_MAX {
        doubts.push(beyond_reason(&format!("a number of {} channels", audio.channels)));
        (audio.channels, audio.layout) = (0, None);
    }
    let rate = |rate: u32| format!("a sample rate of {rate} Hz");
    keep(&mut audio.sample_rate, |rate| rate <= SAMPLE_RATE_MAX, rate, doubts);
    keep(&mut audio.bit_depth, |depth| depth <= BIT_DEPTH_MAX, depth, doubts);
}

/// Twice what a track would take uncompressed. What the file has room for is no measure: many a file is the beginning of a
/// film, or its headers alone.
fn bit_rate_max(track: &Track) -> f64 {
    let uncompressed = match &track.details {
        // Four components of 16 bits; at the rate of a fast screen where none is known.
        Details::Video(video) if video.width > 0 => {
            let rate = video.frame_rate.map_or(120.0, |rate| ratio(rate.numerator, rate.denominator).max(1.0));
            f64::from(video.width) * f64::from(video.height) * 64.0 * rate
        }
        Details::Video(_) => f64::from(SIDE_MAX).powi(2) * 64.0,
        Details::Audio(audio) => {
            let channels = if audio.channels == 0 { CHANNELS_MAX } else { audio.channels };
            f64::from(channels) * f64::from(audio.sample_rate.unwrap_or(SAMPLE_RATE_MAX)) * 64.0
        }
        // Whatever it is, it goes with a film, and disks and networks have an end.
        Details::Subtitle(_) | Details::Other => 1e11,
    };
    BIT_RATE_FREE.max(uncompressed * 2.0)
}

fn ratio(one: u32, other: u32) -> f64 {
    f64::from(one) / f64::from(other)
}

fn depth(depth: u8) -> String {
    format!("a depth of {depth} bit")
}

/// Keeps a number that is within reason.
fn keep<T: Copy>(
    number: &mut Option<T>,
    is_reasonable: impl Fn(T) -> bool,
    said: impl Fn(T) -> String,
    doubts: &mut Vec<String>,
) {
    if let Some(beyond) = number.take_if(|number| !is_reasonable(*number)) {
        doubts.push(beyond_reason(&said(beyond)));
    }
}

fn beyond_reason(said: &str) -> String {
    format!("{said} is beyond reason, and taken as unknown")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Addresses, Flags, Language};

    fn track(details: Details) -> Track {
        Track {
            id: 0,
            number: 1,
            addresses: Addresses::default(),
            details,
            codec: "h264".to_owned(),
            codec_id: "avc1".to_owned(),
            profile: None,
            level: None,
            language: Language::undetermined(),
            title: None,
            flags: Flags::default(),
            duration_ns: None,
            bit_rate: None,
            extra: Vec::new(),
        }
    }

    fn facts(track: Track) -> Facts {
        Facts { tracks: vec![track], ..Facts::default() }
    }

    fn picture((width, height): (u32, u32), (display_width, display_height): (u32, u32)) -> Video {
        Video { width, height, display_width, display_height, ..Video::default() }
    }

    fn kept(mut facts: Facts) -> Facts {
        keep_within(&mut facts);
        facts
    }

    #[test]
    fn numbers_that_no_film_has_become_unknown_and_are_named() {
        let sound = Audio { channels: 56_312, layout: None, sample_rate: Some(988_559_520), bit_depth: Some(200) };
        let video = Video {
            frame_rate: Some(Ratio { numerator: 1, denominator: 42_949_673 }),
            ..picture((320, 180), (320, 4_294_967_295))
        };
        let mut film = facts(Track { bit_rate: Some(2_659_186_717), ..track(Details::Video(video)) });
        film.tracks.push(Track { id: 1, duration_ns: Some(u64::MAX), ..track(Details::Audio(sound)) });
        film.duration_ns = Some(2_029_145_580_000_000_000);

        let kept = kept(film);

        assert_eq!(
            kept.warnings,
            [
                "a duration of 2029145580 s",
                "track 0: a size of 320x180 shown as 320x4294967295",
                "track 0: a frame rate of 1/42949673",
                "track 0: a bit rate of 2659186717",
                "track 1: a duration of 18446744073 s",
                "track 1: a number of 56312 channels",
                "track 1: a sample rate of 988559520 Hz",
                "track 1: a depth of 200 bit",
            ]
            .map(|said| format!("{said} is beyond reason, and taken as unknown"))
        );
        assert_eq!((kept.duration_ns, kept.tracks[0].bit_rate, kept.tracks[1].duration_ns), (None, None, None));
        assert_eq!(kept.tracks[0].details, Details::Video(picture((320, 180), (320, 180))));
        assert_eq!(kept.tracks[1].details, Details::Audio(Audio::default()));
    }

    #[test]
    fn a_size_with_one_side_is_none() {
        for size in [(39_553, 0), (0, 180), (70_000, 180)] {
            let kept = kept(facts(track(Details::Video(picture(size, size)))));

            assert_eq!(kept.tracks[0].details, Details::Video(Video::default()), "{size:?}");
            assert_eq!(kept.warnings.len(), 1, "{:?}", kept.warnings);
        }
    }

    #[test]
    fn the_largest_and_the_smallest_that_there_are_stay() {
        let plain = Audio { channels: 22, layout: None, sample_rate: Some(768_000), bit_depth: Some(32) };
        let videos = [
            picture((15_360, 8640), (15_360, 8640)),
            picture((352, 576), (1024, 576)),
            picture((2, 2), (2, 2)),
            picture((0, 0), (0, 0)),
            picture((0, 0), (1920, 1080)),
            Video { frame_rate: Some(Ratio { numerator: 1000, denominator: 1 }), ..picture((640, 480), (640, 480)) },
            Video { frame_rate: Some(Ratio { numerator: 1, denominator: 3600 }), ..picture((640, 480), (640, 480)) },
        ];
        let mut film = Facts { duration_ns: Some(30 * 24 * 3600 * 1_000_000_000), ..Facts::default() };
        film.tracks.push(Track { bit_rate: Some(540_672_000), ..track(Details::Audio(plain)) });
        film.tracks.extend(videos.map(|video| Track { bit_rate: Some(1_500_000), ..track(Details::Video(video)) }));

        assert_eq!(kept(film.clone()), film);
    }
}
