//! Transport streams that ffmpeg makes: vpo says of them what ffprobe says, and reads little.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use vpo_tests::Home;

/// Noise, which does not compress, so that pictures are as large as the rate allows.
const NOISE: &str = "nullsrc=s=640x360:r=25,geq=random(1)*255:128:128";
const PATTERN: &str = "testsrc2=s=640x360:r=25";
const TONE: &str = "sine=f=440:r=48000";

/// Makes a stream of two seconds.
fn made(home: &Home, name: &str, sources: &[&str], arguments: &[&str]) -> PathBuf {
    let path = home.films(name);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-hide_banner", "-v", "error", "-y"]);
    for source in sources {
        ffmpeg.args(["-f", "lavfi", "-t", "2", "-i", source]);
    }
    let output = ffmpeg.args(arguments).arg(&path).output().expect("ffmpeg is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    path
}

fn inspected(home: &Home, path: &Path) -> Value {
    home.vpo(["inspect".as_ref(), "--json".as_ref(), path.as_os_str()]).exits(0).json()
}

/// Streams by PID: codec, size, channels and rate.
fn as_ffprobe_says(path: &Path) -> Vec<Value> {
    let output = Command::new("ffprobe").args(["-v", "error", "-of", "json", "-show_streams"]).arg(path).output();
    let said: Value = serde_json::from_slice(&output.expect("ffprobe is installed").stdout).unwrap();
    let stream = |stream: &Value| {
        let pid = u64::from_str_radix(stream["id"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
        let rate = stream["sample_rate"].as_str().map(|rate| rate.parse::<u64>().unwrap());
        json!([pid, stream["codec_name"], stream["width"], stream["height"], stream["channels"], rate])
    };
    said["streams"].as_array().unwrap().iter().map(stream).collect()
}

fn as_vpo_says(answer: &Value) -> Vec<Value> {
    let track = |track: &Value| {
        let of = |name: &str| track.get(name).cloned().unwrap_or(Value::Null);
        json!([of("number"), of("codec"), of("width"), of("height"), of("channels"), of("sample_rate")])
    };
    answer["tracks"].as_array().unwrap().iter().map(track).collect()
}

/// Checks that a stream is told as a whole, as ffprobe tells it, for no more than a healthy file may cost.
fn assert_told_within_budget(home: &Home, path: &Path) -> Value {
    let answer = inspected(home, path);
    assert_eq!(as_vpo_says(&answer), as_ffprobe_says(path), "{}", path.display());
    assert_eq!(answer["partial"], Value::Null, "{}", path.display());
    let (bytes, reads) = (answer["cost"]["bytes"].as_u64().unwrap(), answer["cost"]["reads"].as_u64().unwrap());
    assert!(bytes <= 64 << 10 && reads <= 20, "{}: {bytes} bytes in {reads} reads", path.display());
    answer
}

#[test]
fn large_pictures_hide_neither_sound_nor_a_second_program() {
    let home = Home::new();
    let fast = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "20M", "-minrate", "20M", "-maxrate", "20M"];
    let fast = [&fast[..], &["-bufsize", "20M", "-pix_fmt", "yuv420p"]].concat();
    let sounds = ["-map", "0", "-map", "1", "-map", "2", "-c:a:0", "ac3", "-c:a:1", "mp2"];

    let plain = made(&home, "fast.ts", &[NOISE, TONE, TONE], &[&sounds[..], &fast].concat());
    let blu_ray =
        made(&home, "fast.m2ts", &[NOISE, TONE, TONE], &[&sounds[..], &fast, &["-mpegts_m2ts_mode", "1"]].concat());
    let programs = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:a", "mp2", "-c:v:1", "mpeg2video"];
    let split = ["-program", "title=One:st=0:st=1", "-program", "title=Two:st=2:st=3"];
    let two = made(&home, "two.ts", &[NOISE, TONE, PATTERN, TONE], &[&programs[..], &fast[..4], &split].concat());

    for path in [&plain, &blu_ray] {
        assert_eq!(assert_told_within_budget(&home, path)["tracks"].as_array().unwrap().len(), 3);
    }
    let told = assert_told_within_budget(&home, &two);
    let of = |track: usize| told["tracks"][track]["extra"][0]["value"].clone();
    assert_eq!([of(0), of(1), of(2), of(3)], [json!(1), json!(1), json!(2), json!(2)]);
    let table = home.vpo(["inspect".as_ref(), two.as_os_str()]).exits(0).stdout;
    assert_eq!(table.matches(" program 2").count(), 2, "{table}");
}

#[test]
fn a_recording_that_begins_between_key_frames_has_a_size() {
    let home = Home::new();
    let path = made(
        &home,
        "whole.ts",
        &[NOISE, TONE],
        &["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-b:v", "4M", "-maxrate", "4M", "-bufsize", "1M"],
    );
    let whole = fs::read(&path).unwrap();
    let cut = home.films("cut.ts");
    fs::write(&cut, &whole[whole.len() / 10..]).unwrap();

    let answer = inspected(&home, &cut);

    assert_eq!(as_vpo_says(&answer), as_ffprobe_says(&cut));
    assert_eq!(answer["partial"], Value::Null);
}

#[test]
fn tables_that_are_missing_take_nothing_from_the_streams() {
    let home = Home::new();
    let path = made(&home, "whole.ts", &[PATTERN, TONE], &["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3"]);
    let whole = fs::read(&path).unwrap();
    let pid = |packet: &[u8]| u16::from_be_bytes([packet[1] & 0x1f, packet[2]]);
    let streams: Vec<u8> =
        whole.chunks(188).filter(|packet| (0x100..0x1000).contains(&pid(packet))).flatten().copied().collect();
    fs::write(&path, streams).unwrap();

    let answer = inspected(&home, &path);

    assert_eq!(as_vpo_says(&answer), as_ffprobe_says(&path));
    assert_eq!(answer["warnings"], json!(["no program association; the streams are those that were found"]));
}

#[test]
fn frames_that_might_be_fields_are_told_from_fields() {
    let home = Home::new();
    for (name, option, interlaced) in
        [("fake.ts", "fake-interlaced=1", false), ("real.ts", "tff=1", true), ("plain.ts", "", false)]
    {
        let path = made(&home, name, &[PATTERN], &["-c:v", "libx264", "-preset", "veryfast", "-x264-params", option]);

        let answer = assert_told_within_budget(&home, &path);

        assert_eq!(answer["tracks"][0]["interlaced"], interlaced, "{name}");
    }
}

#[test]
fn a_stream_of_vc_2_has_a_size_and_a_rate() {
    let home = Home::new();
    let path = made(&home, "vc2.ts", &["testsrc2=s=320x180:r=30000/1001"], &["-c:v", "vc2", "-strict", "-1"]);

    let answer = inspected(&home, &path);

    assert_eq!(as_vpo_says(&answer), as_ffprobe_says(&path));
    assert_eq!(answer["tracks"][0]["frame_rate"], "30000/1001");
}

#[test]
fn mastering_is_told_of_hdr10() {
    let home = Home::new();
    let told = "log-level=none:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:\
                master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)";
    let path = made(
        &home,
        "hdr10.ts",
        &[PATTERN, TONE],
        &["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", told, "-c:a", "eac3"],
    );

    let answer = assert_told_within_budget(&home, &path);

    let video = &answer["tracks"][0];
    assert_eq!((&video["dynamic_range"], &video["bit_depth"]), (&json!("hdr10"), &json!(10)));
    assert_eq!((&video["max_content_light"], &video["max_frame_light"]), (&json!(1000), &json!(400)));
    assert_eq!(
        (&video["mastering"]["luminance_max"], &video["mastering"]["red"]),
        (&json!(1000.0), &json!([0.68, 0.32]))
    );
}

#[test]
fn a_recording_with_its_schedule_is_addressed_as_the_tools_count() {
    /// An event of no length, as a section of PID 0x12 with its checksum.
    const SCHEDULE: [u8; 18] =
        [0x4e, 0xf0, 0x0f, 0x00, 0x01, 0xc1, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x4e, 0x1e, 0x22, 0xbd, 0x88];

    let home = Home::new();
    let sounds = ["-map", "0", "-map", "1", "-map", "2", "-c:a", "mp2", "-c:v", "libx264", "-preset", "ultrafast"];
    let languages = ["-metadata:s:a:0", "language=eng,deu", "-metadata:s:a:1", "language=fra"];
    let path = made(&home, "recording.ts", &[PATTERN, TONE, TONE], &[&sounds[..], &languages].concat());
    let mut packet = [&[0x47, 0x40, 0x12, 0x10, 0][..], &SCHEDULE].concat();
    packet.resize(188, 0xff);
    fs::write(&path, [packet, fs::read(&path).unwrap()].concat()).unwrap();

    let answer = inspected(&home, &path);
    let of_ffprobe = as_ffprobe_says(&path);

    assert_eq!((of_ffprobe[0][1].as_str(), &of_ffprobe[1..]), (Some("epg"), &as_vpo_says(&answer)[..]));
    let told =
        |of: &str| answer["tracks"].as_array().unwrap().iter().map(|track| track[of].clone()).collect::<Vec<_>>();
    assert_eq!(told("language"), [json!("und"), json!("en"), json!("fr")]);
    assert_eq!(answer["tracks"][1]["language_original"], "eng,deu");
    let addresses: Vec<_> = told("addresses").iter().map(|of| (of["mkvmerge"].clone(), of["ffmpeg"].clone())).collect();
    assert_eq!(addresses, [0, 1, 2].map(|place| (json!(place), json!(place + 1))));
}
