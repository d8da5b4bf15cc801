//! No header of any codec makes its reader panic, whatever the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpo_codecs::{
    aac, ac3, alac, av1, colour, descriptors, dolby, dts, elementary, ffv1, flac, h264, hevc, huffyuv, mpeg_audio,
    mpeg2, mpeg4, opus, truehd, vc1, vpx,
};

const PICTURES: [&str; 17] = [
    "h264",
    "hevc",
    "mpeg2video",
    "mpeg4",
    "vc1",
    "vp8",
    "vp9",
    "av1",
    "mjpeg",
    "jpeg2000",
    "prores",
    "dnxhd",
    "theora",
    "dirac",
    "h263",
    "png",
    "cfhd",
];
const SOUNDS: [&str; 9] = ["mp3", "aac", "aac_latm", "ac3", "dts", "truehd", "flac", "pcm_bluray", "s302m"];

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    match choice % 21 {
        0 => drop((h264::configuration(bytes), h264::byte_stream(bytes))),
        1 => drop((h264::parameter_set(bytes), h264::sample(bytes, 4))),
        2 => drop((hevc::configuration(bytes), hevc::byte_stream(bytes))),
        3 => drop((hevc::parameter_set(bytes), hevc::sample(bytes, 4))),
        4 => drop((av1::configuration(bytes), av1::units(bytes))),
        5 => drop((vpx::configuration(bytes), vpx::webm_features(bytes))),
        6 => drop((vpx::vp8_key_frame(bytes), vpx::vp9_key_frame(bytes))),
        7 => drop((aac::configuration(bytes), aac::adts(bytes))),
        8 => drop((ac3::frame(bytes), ac3::dac3(bytes), ac3::dec3(bytes))),
        9 => drop(dts::frame(bytes)),
        10 => drop((truehd::major_sync(bytes), truehd::dmlp(bytes))),
        11 => drop((opus::head(bytes), opus::d_ops(bytes), flac::stream_info(bytes), flac::vorbis(bytes))),
        12 => drop((mpeg2::sequence(bytes), mpeg4::headers(bytes))),
        13 => drop((mpeg_audio::frame(bytes), vc1::sequence(bytes))),
        14 => drop(descriptors::elementary(bytes).map(|found| found.codec())),
        15 => {
            let record = bytes.get(..bytes.len().min(64)).unwrap_or(&[]);
            drop(h264::sample_of(record, bytes));
        }
        16 => drop(PICTURES.map(|codec| elementary::picture(codec, bytes))),
        17 => drop(SOUNDS.map(|codec| elementary::sound(codec, bytes))),
        18 => drop((ffv1::configuration(bytes), ffv1::key_frame(bytes), huffyuv::configuration(bytes))),
        19 => drop(alac::cookie(bytes)),
        _ => drop((dolby::configuration(bytes), colour::mastering(bytes), colour::content_light(bytes))),
    }
});
