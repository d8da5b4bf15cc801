//! Every setting of the defaults page: that each layer can set it, that the strongest wins, and that it does something.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;
use vpo_tests::{Home, Recipe, component, film};

/// Each setting with a value for `config.kdl`, for the inherited profile, for the profile and for the command line; written
/// as `profiles show` writes them.
#[rustfmt::skip]
const VALUES: &[(&str, &str, [&str; 4])] = &[
    ("scan", "threads", ["1", "2", "3", "4"]),
    ("scan", "stability", ["1s", "2s", "3s", "4s"]),
    ("scan", "follow-symlinks", ["#true", "#false", "#true", "#false"]),
    ("scan", "extensions", ["\"mkv\"", "\"mp4\"", "\"avi\" \"mkv\"", "\"ts\""]),
    ("scan", "breaker-minimum", ["1", "2", "3", "4"]),
    ("scan", "breaker-percent", ["11", "12", "13", "14"]),
    ("apply", "backup", ["\"keep\"", "\"none\"", "\"keep\"", "\"none\""]),
    ("apply", "hardlinks", ["\"break\"", "\"allow\"", "\"skip\"", "\"break\""]),
    ("apply", "mtime", ["\"now\"", "\"preserve\"", "\"now\"", "\"preserve\""]),
    ("apply", "temp-folder", ["\"/a\"", "\"/b\"", "\"/c\"", "\"/d\""]),
    ("apply", "verify", ["#false", "#true", "#false", "#true"]),
    ("apply", "jobs", ["2", "3", "4", "5"]),
    ("apply", "stall", ["1s", "2s", "3s", "4s"]),
    ("protect", "keep-video", ["#false", "#true", "#false", "#true"]),
    ("protect", "keep-audio", ["#false", "#true", "#false", "#true"]),
    ("protect", "audio-languages", ["\"en\"", "\"fr\"", "\"ja\" \"en\"", "\"de\""]),
    ("protect", "subtitle-languages", ["\"en\"", "\"fr\"", "\"ja\" \"en\"", "\"de\""]),
    ("jobs", "retention-days", ["1", "2", "3", "4"]),
    ("jobs", "auto-purge", ["#false", "#true", "#false", "#true"]),
    ("jobs", "keep-history-days", ["1", "2", "3", "4"]),
    ("logging", "level", ["\"warn\"", "\"error\"", "\"debug\"", "\"info,vpo::scan=debug\""]),
    ("logging", "file", ["\"/a.log\"", "\"/b.log\"", "\"/c.log\"", "#null"]),
    ("logging", "format", ["\"json\"", "\"text\"", "\"json\"", "\"text\""]),
    ("logging", "stderr", ["#true", "#false", "#true", "#false"]),
    ("logging", "rotate-size", ["\"1MiB\"", "\"2MiB\"", "\"3MiB\"", "\"4MiB\""]),
    ("logging", "rotate-keep", ["1", "2", "3", "4"]),
    ("tools", "mkvpropedit", ["\"/a/t\"", "\"/b/t\"", "\"/c/t\"", "\"/d/t\""]),
    ("tools", "mkvmerge", ["\"/a/t\"", "\"/b/t\"", "\"/c/t\"", "\"/d/t\""]),
    ("tools", "mkvextract", ["\"/a/t\"", "\"/b/t\"", "\"/c/t\"", "\"/d/t\""]),
    ("tools", "ffmpeg", ["\"/a/t\"", "\"/b/t\"", "\"/c/t\"", "\"/d/t\""]),
    ("tools", "ffprobe", ["\"/a/t\"", "\"/b/t\"", "\"/c/t\"", "\"/d/t\""]),
    ("tools", "mkvpropedit-minimum", ["\"70.1\"", "\"70.2\"", "\"70.3\"", "\"70.4\""]),
    ("tools", "mkvmerge-minimum", ["\"70.1\"", "\"70.2\"", "\"70.3\"", "\"70.4\""]),
    ("tools", "mkvextract-minimum", ["\"70.1\"", "\"70.2\"", "\"70.3\"", "\"70.4\""]),
    ("tools", "ffmpeg-minimum", ["\"5.1\"", "\"5.2\"", "\"5.3\"", "\"5.4\""]),
    ("tools", "ffprobe-minimum", ["\"5.1\"", "\"5.2\"", "\"5.3\"", "\"5.4\""]),
    ("limits", "memory", ["\"65MiB\"", "\"66MiB\"", "\"67MiB\"", "\"68MiB\""]),
    ("limits", "detect-time", ["1s", "3s", "4s", "5s"]),
    ("limits", "read-time", ["1s", "3s", "4s", "5s"]),
    ("limits", "read-calls", ["1", "2", "3", "4"]),
    ("limits", "read-bytes", ["\"1MiB\"", "\"2MiB\"", "\"3MiB\"", "\"4MiB\""]),
    ("limits", "evaluate-time", ["1s", "3s", "4s", "5s"]),
    ("limits", "tool-time", ["1s", "3s", "4s", "5s"]),
    ("database", "path", ["\"/a.db\"", "\"/b.db\"", "\"/c.db\"", "\"/d.db\""]),
];

/// All settings as one of the four layers sets them.
fn layer(number: usize) -> String {
    let mut text = String::new();
    for section in VALUES.chunk_by(|a, b| a.0 == b.0) {
        text.push_str(&format!("{} {{\n", section[0].0));
        for (_, name, values) in section {
            text.push_str(&format!("    {name} {}\n", written(values[number])));
        }
        text.push_str("}\n");
    }
    text
}

/// A value as a person writes it: times stand in quotes.
fn written(value: &str) -> String {
    if value.ends_with('s') && value.starts_with(|c: char| c.is_ascii_digit()) {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

/// What `profiles show` says of every setting: the value and where it comes from.
fn shown(outcome: &str) -> BTreeMap<(String, String), (String, String)> {
    let mut settings = BTreeMap::new();
    let mut section = "";
    for line in outcome.lines() {
        let (said, origin) = line.split_once(" // ").unwrap_or((line, ""));
        match said.trim_end().strip_suffix(" {") {
            Some(name) if !line.starts_with(' ') => section = name,
            _ if line.starts_with("    ") => {
                let said = said.trim();
                let (name, value) = said.split_once(' ').unwrap_or((said, ""));
                settings.insert((section.to_owned(), name.to_owned()), (value.trim().to_owned(), origin.to_owned()));
            }
            _ => {}
        }
    }
    settings
}

#[test]
fn case_28_of_every_setting_the_strongest_layer_wins_and_says_who_it_is() {
    let home = Home::new();
    let texts = [
        ("config.kdl", layer(0)),
        ("profiles/base.kdl", layer(1)),
        ("profiles/kids.kdl", format!("inherits \"base\"\n{}", layer(2))),
    ];
    for (file, text) in &texts {
        home.write(file, text);
    }
    let flags = VALUES.iter().flat_map(|(section, name, values)| {
        ["--set".to_owned(), format!("{section}.{name}={}", values[3].trim_matches('"'))]
    });
    let flags: Vec<String> = flags.map(|flag| flag.replace("avi\" \"mkv", "avi mkv")).collect();
    let empty = ["", "", "inherits \"base\"\n"];
    let origins = ["config.kdl:", "base.kdl:", "kids.kdl:", "--set", "built-in default"];

    // The layers are taken away from the strongest on; what is left of them is the strongest then.
    for strongest in [3, 2, 1, 0, 4] {
        for weaker in 0..3 {
            let (file, text) = &texts[weaker];
            let is_there = strongest != 4 && weaker <= strongest;
            home.write(file, if is_there { text } else { empty[weaker] });
        }
        let flags = if strongest == 3 { &flags[..] } else { &[] };
        let told = home.vpo(["profiles", "show", "kids"].into_iter().chain(flags.iter().map(String::as_str))).exits(0);
        let told = shown(&told.stdout);

        for (section, name, values) in VALUES {
            let (value, origin) = &told[&((*section).to_owned(), (*name).to_owned())];
            assert!(origin.contains(origins[strongest]), "{section}.{name} at {strongest}: {value} from {origin}");
            if let Some(expected) = values.get(strongest) {
                assert_eq!(value.trim_matches('"'), expected.trim_matches('"'), "{section}.{name} from {origin}");
            }
        }
    }
}

#[test]
fn the_table_of_this_test_has_every_setting() {
    let page = Home::new().vpo(["config", "show", "--json"]).exits(0).json();

    let of_page = page["settings"].as_object().unwrap().iter().flat_map(|(section, settings)| {
        settings.as_object().unwrap().keys().map(move |name| format!("{section}.{name}"))
    });
    let of_table: BTreeSet<String> = VALUES.iter().map(|(section, name, _)| format!("{section}.{name}")).collect();
    assert_eq!(of_page.collect::<BTreeSet<_>>(), of_table);
}

/// A scanned home with one film in English and Japanese, and a profile that removes the Japanese track.
fn home_to_change() -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write(
        "profiles/kids.kdl",
        "policy \"tracks\" { audio \"eng\"; }\nallow \"remove-track\" \"transcode-track\"\n",
    );
    home.vpo(["scan", "[films]"]).exits(0);
    home
}

/// Applies with one more setting.
fn apply(home: &Home, setting: &str) -> vpo_tests::Outcome {
    home.vpo(["apply", "-p", "kids", "--yes", "--json", "--set", setting])
}

/// A program that stands for a tool: it says the tool's version, then does what the script says.
fn script(home: &Home, name: &str, script: &str) -> PathBuf {
    let text = format!("#!/bin/sh\ncase \"$*\" in *-version*) exec {name} \"$@\";; esac\n{script}\n");
    let path = home.write(&format!("bin/{name}"), text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn scan_settings_decide_what_is_found_and_when_a_person_should_look() {
    let home = Home::new();
    let elsewhere = home.folder().join("elsewhere.mkv");
    fs::copy(film("heat"), &elsewhere).unwrap();
    symlink(&elsewhere, home.films("Link.mkv")).unwrap();
    fs::copy(film("alien"), home.films("Just written.mkv")).unwrap();
    let added = |setting: &str| home.vpo(["scan", "--dry-run", "--json", "[films]", "--set", setting]).summary()[3];

    assert_eq!(added("scan.follow-symlinks=false"), 1);
    assert_eq!(added("scan.follow-symlinks=true"), 2);
    assert_eq!(added("scan.stability=1h"), 0);
    assert_eq!(added("scan.extensions=mp4"), 0);

    for number in 0..10 {
        home.put(format!("{number}.mkv"), &film("heat"));
    }
    home.vpo(["scan", "[films]"]).exits(0);
    (0..5).for_each(|number| fs::remove_file(home.films(format!("{number}.mkv"))).unwrap());
    let scan =
        |settings: [&str; 2]| home.vpo(["scan", "--dry-run", "[films]", "--set", settings[0], "--set", settings[1]]);
    scan(["scan.breaker-minimum=2", "scan.breaker-percent=5"]).exits(3);
    scan(["scan.breaker-minimum=2", "scan.breaker-percent=90"]).exits(0);
    scan(["scan.breaker-minimum=5", "scan.breaker-percent=5"]).exits(0);
}

#[test]
fn a_tool_works_in_the_temporary_folder_and_what_it_did_is_verified_unless_that_is_switched_off() {
    let home = home_to_change();
    let before = fs::read(home.films("Heat.mkv")).unwrap();
    fs::create_dir(home.folder().join("temporary")).unwrap();
    let wrapped =
        script(&home, "mkvmerge", &format!("echo \"$@\" > {}/said; exec mkvmerge \"$@\"", home.folder().display()));
    let flags = ["--set", &format!("tools.mkvmerge={}", wrapped.display())];

    let setting = format!("apply.temp-folder={}/temporary", home.folder().display());
    let base = ["apply", "-p", "kids", "--yes", "--set", &setting];
    home.vpo(base.into_iter().chain(flags)).exits(0);

    let said = fs::read_to_string(home.folder().join("said")).unwrap();
    assert!(said.contains(&format!("{}/temporary/", home.folder().display())), "{said}");
    assert_eq!(vpo_tests::names(&home.folder().join("temporary")), Vec::<String>::new());

    // It removes nothing, and says that all went well.
    fs::write(home.films("Heat.mkv"), &before).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);
    let original = home.films("Heat.mkv");
    script(
        &home,
        "mkvmerge",
        &format!("while [ \"$1\" != -o ] && [ \"$1\" != --output ]; do shift; done; cp {} \"$2\"", original.display()),
    );
    let unverified =
        |verify: &str| home.vpo(["apply", "-p", "kids", "--yes", "--set", verify].into_iter().chain(flags));
    unverified("apply.verify=true").exits(1);
    assert_eq!(fs::read(&original).unwrap(), before);
    unverified("apply.verify=false").exits(0);
}

#[test]
fn what_is_protected_stays_whatever_a_policy_says() {
    let home = Home::new();
    home.put("Heat.mkv", &Recipe { subtitles: &["eng", "fra"], ..Recipe::new("protected") }.matroska());
    home.vpo(["scan", "[films]"]).exits(0);
    home.drop_plugin("unruly-policy.wasm", &component("hostile", "unruly-policy"));
    let refusal = |policy: &str, setting: &str| {
        home.write("profiles/kids.kdl", format!("policy {policy}\nallow \"remove-track\"\n"));
        let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json", "--set", setting]).json();
        assert!(plan["files"][0]["steps"][0].is_object() || plan["files"][0]["refused"].is_object(), "{plan}");
        plan["files"][0]["refused"]["code"].as_str().map(str::to_owned)
    };

    // No policy that comes with vpo would remove the last picture or sound.
    let (mute, blind) = ("\"unruly-policy\" { behave \"mute\"; }", "\"unruly-policy\" { behave \"blind\"; }");
    assert!(refusal(mute, "protect.keep-audio=true").is_some());
    assert_eq!(refusal(mute, "protect.keep-audio=false"), None);
    assert!(refusal(blind, "protect.keep-video=true").is_some());
    assert_eq!(refusal(blind, "protect.keep-video=false"), None);
    let (audio, subtitles) = ("\"tracks\" { audio \"eng\"; }", "\"tracks\" { subtitle \"eng\"; }");
    assert_eq!(refusal(audio, "protect.audio-languages=eng"), None);
    assert!(refusal(audio, "protect.audio-languages=jpn").is_some());
    assert_eq!(refusal(subtitles, "protect.subtitle-languages=eng"), None);
    assert!(refusal(subtitles, "protect.subtitle-languages=fra").is_some());
}

#[test]
fn jobs_and_stories_are_remembered_as_long_as_the_settings_say() {
    let home = home_to_change();
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    let database = Connection::open(home.own().join("library.db")).unwrap();
    let month_ns = 40_i64 * 86_400 * 1_000_000_000;
    database
        .execute("UPDATE jobs SET created_ns = created_ns - ?1, completed_ns = completed_ns - ?1", [month_ns])
        .unwrap();
    database.execute("UPDATE events SET at_ns = at_ns - ?1", [month_ns]).unwrap();
    let count = |table: &str| {
        database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let scan = |settings: [&str; 2]| home.vpo(["scan", "[films]", "--set", settings[0], "--set", settings[1]]).exits(0);

    scan(["jobs.auto-purge=false", "jobs.retention-days=1"]);
    assert_eq!((count("jobs"), count("events")), (3, 1), "nothing goes by itself");
    scan(["jobs.auto-purge=true", "jobs.retention-days=60"]);
    assert_eq!((count("jobs"), count("events")), (4, 1), "nothing is old enough");
    scan(["jobs.auto-purge=true", "jobs.retention-days=30"]);
    assert_eq!((count("jobs"), count("events")), (3, 1), "stories outlive jobs");
    scan(["jobs.retention-days=30", "jobs.keep-history-days=30"]);
    assert_eq!(count("events"), 0);
}

#[test]
fn a_tool_is_where_the_settings_say_and_new_enough_or_nothing_is_begun() {
    let home = home_to_change();
    let before = fs::read(home.films("Heat.mkv")).unwrap();

    for (setting, said) in [
        ("tools.mkvmerge=/nowhere/mkvmerge", "mkvmerge is not installed"),
        ("tools.mkvmerge-minimum=999.0", "mkvmerge"),
    ] {
        let refused = apply(&home, setting).exits(2).json();
        assert_eq!(refused["code"], "TOOL_MISSING");
        assert!(refused["message"].as_str().unwrap().contains(said), "{refused}");
    }
    let jobs = home.vpo(["jobs", "list", "--type", "apply", "--json"]).exits(0).json();
    assert_eq!(jobs, Value::Array(Vec::new()), "not even a job");
    assert_eq!(fs::read(home.films("Heat.mkv")).unwrap(), before);

    let refused = apply(&home, "tools.ffmpeg-minimum=999.0").exits(2).json();
    let mistake = &refused["details"]["mistakes"][0];
    assert_eq!(refused["code"], "PROFILE_MISTAKEN", "a step that is allowed and that nothing can do");
    assert_eq!((mistake["line"].as_u64(), mistake["column"].as_u64()), (Some(2), Some(22)), "{refused}");
    home.vpo(["profiles", "check", "kids", "--set", "tools.ffmpeg=/nowhere"]).exits(2);
    home.vpo(["apply", "-p", "kids", "--dry-run", "--set", "tools.ffmpeg=/nowhere"]).exits(0);
}

#[test]
fn limits_hold_for_reading() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let scan = |setting: &str| home.vpo(["scan", "[films]", "--full", "--set", setting]).exit;
    for setting in ["limits.read-calls=1", "limits.read-bytes=100", "limits.memory=64KiB"] {
        assert_ne!(scan(setting), 0, "{setting}");
    }
    assert_eq!(scan("limits.read-calls=1000"), 0);

    let home = Home::new();
    home.put("Heat.flv", &Recipe { audio: &["eng"], ..Recipe::new("one-sound") }.remuxed("flv"));
    let endless = script(&home, "ffprobe", "exec tail -f /dev/null");
    let path = format!("tools.ffprobe={}", endless.display());
    let scan = home.vpo(["scan", "[films]", "--set", &path, "--set", "limits.tool-time=100ms"]).exits(1);
    assert!(scan.stderr.contains("ffprobe"), "{scan}");
    let scan = home.vpo(["scan", "[films]", "--set", "tools.ffprobe-minimum=999.0"]).exits(1);
    assert!(scan.stderr.contains("too old"), "{scan}");
}

#[test]
fn limits_hold_for_whoever_never_answers() {
    for (word, plugin, setting, arguments) in [
        ("policy", "unruly-policy", "limits.evaluate-time=50ms", &["apply", "-p", "test", "--dry-run"][..]),
        ("introspect", "unruly-introspector", "limits.read-time=50ms", &["scan", "-p", "test", "--full"]),
        ("detect", "unruly-detector", "limits.detect-time=50ms", &["scan", "-p", "test"]),
    ] {
        let home = Home::new();
        home.put("Heat.mkv", &film("heat"));
        home.vpo(["scan", "[films]"]).exits(0);
        home.drop_plugin(&format!("{plugin}.wasm"), &component("hostile", plugin));
        let library = home.films("");
        home.write("profiles/test.kdl", format!("library {library:?}\n{word} \"{plugin}\" {{ behave \"loop\" }}\n"));

        let ran = home.vpo(arguments.iter().chain(&["--set", setting]));

        assert_ne!(ran.exit, 0, "{ran}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains("50ms"), "{ran}");
    }
}

#[test]
fn the_log_and_the_database_are_where_the_settings_say() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let is_there = |path: &Path| path.is_file();

    let scan = home.vpo([
        "scan",
        "[films]",
        "--set",
        "logging.file=null",
        "--set",
        "logging.stderr=true",
        "--set",
        "logging.format=json",
        "--set",
        "database.path=elsewhere/films.db",
    ]);

    let lines: Vec<Value> = scan
        .stderr
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.iter().any(|line| line["message"] == "scan ended"), "{scan}");
    assert!(!is_there(&home.own().join("logs/vpo.log")));
    assert!(is_there(&home.folder().join("elsewhere/films.db")) && !is_there(&home.own().join("library.db")));
    let listed = home.vpo(["jobs", "list", "--json", "--set", "database.path=elsewhere/films.db"]).exits(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}
