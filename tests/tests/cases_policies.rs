//! The bundled policies on the real program and real files.

use std::process::Command;

use serde_json::Value;
use vpo_tests::Home;

/// Writes a short film with what ffmpeg is told after its two inputs, a picture and a tone.
fn film(home: &Home, name: &str, arguments: &[&str]) {
    let subtitle = home.write("line.srt", "1\n00:00:00,200 --> 00:00:00,800\nHello\n");
    let made = home.folder().join(format!("made-{name}"));
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=1"])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-i"])
        .arg(subtitle)
        .args(["-map", "0", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s", "srt"])
        .args(arguments)
        .arg(&made)
        .status()
        .unwrap();
    assert!(done.success(), "ffmpeg makes the film");
    home.put(name, &made);
}

fn home(profile: &str) -> Home {
    let home = Home::new();
    home.write("profiles/kids.kdl", profile);
    home
}

/// What each track of a film is: type, language, and the flags that are set.
fn tracks(home: &Home, name: &str) -> Vec<String> {
    let facts = home.vpo(["inspect", "--json", &format!("[films]/{name}")]).exits(0).json();
    let one = |track: &Value| {
        let set = |flag: &str| if track[flag] == true { format!(" {flag}") } else { String::new() };
        let (kind, language) = (track["type"].as_str().unwrap(), track["language"].as_str().unwrap());
        format!("{kind} {language}{}{}{}", set("default"), set("forced"), set("commentary"))
    };
    facts["tracks"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn case_40_forced_subtitles_of_other_languages_stay_when_asked() {
    let home = home("policy \"tracks\" { subtitle \"eng\" keep-forced=#true; }\nallow \"remove-track\"\n");
    let subtitles = ["-map", "1", "-map", "2", "-map", "2", "-map", "2"];
    let languages = ["eng", "jpn", "ger"].map(String::from);
    let mut arguments: Vec<String> = subtitles.map(String::from).to_vec();
    for (place, language) in languages.iter().enumerate() {
        arguments.extend([format!("-metadata:s:s:{place}"), format!("language={language}")]);
    }
    arguments
        .extend(["-disposition:s:1", "forced", "-disposition:s:0", "0", "-disposition:s:2", "0"].map(String::from));
    film(&home, "Heat.mkv", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    home.vpo(["scan", "[films]"]).exits(0);

    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

    let subtitles: Vec<_> = tracks(&home, "Heat.mkv").split_off(2);
    assert_eq!(subtitles, ["subtitle en", "subtitle ja forced"]);
}

#[test]
fn case_41_a_commentary_is_never_the_default_and_space_is_no_music() {
    let home = home("policy \"tracks\" { default audio=\"first\"; }\n");
    film(
        &home,
        "Heat.mkv",
        &[
            "-map",
            "1",
            "-map",
            "1",
            "-metadata:s:a:0",
            "title=Director's Commentary",
            "-disposition:a:0",
            "default",
            "-metadata:s:a:1",
            "title=Lost in Space - Stereo",
            "-disposition:a:1",
            "0",
        ],
    );
    home.vpo(["scan", "[films]"]).exits(0);

    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

    assert_eq!(tracks(&home, "Heat.mkv")[1..], ["audio und", "audio und default"]);
}

#[test]
fn case_43_what_mp4_cannot_hold_is_an_error_left_alone_or_converted_and_named() {
    for (incompatible, exit) in [("error", 1), ("skip", 0), ("convert", 0)] {
        let home = home(&format!(
            "policy \"container\" {{ to \"mp4\" incompatible=\"{incompatible}\"; }}\n\
             allow \"convert-container\" \"transcode-track\" \"remove-track\"\n"
        ));
        film(&home, "Disc.mkv", &["-map", "1", "-c:a", "truehd", "-strict", "-2", "-map", "2"]);
        home.vpo(["scan", "[films]"]).exits(0);

        let explained = home.vpo(["explain", "[films]/Disc.mkv", "-p", "kids"]);
        let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(exit);

        let text = format!("{explained:?}");
        assert!(text.contains("truehd") && text.contains("subrip"), "{incompatible}: {text}");
        let there = |name: &str| home.films(name).exists();
        assert_eq!((there("Disc.mkv"), there("Disc.mp4")), (incompatible != "convert", incompatible == "convert"));
        if incompatible == "convert" {
            let facts = home.vpo(["inspect", "--json", "[films]/Disc.mp4"]).exits(0).json();
            let codecs: Vec<_> =
                facts["tracks"].as_array().unwrap().iter().map(|track| track["codec"].as_str().unwrap()).collect();
            assert_eq!(codecs, ["h264", "aac", "mov_text"], "{done:?}");
            let again = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();
            assert_eq!(again["summary"]["to_change"], 0);
        }
    }
}
