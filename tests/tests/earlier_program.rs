//! What the earlier program got wrong with policies and plans, each as its users met it, on real films.

use serde_json::Value;
use vpo_tests::{Home, page_films};

const ALL: &str =
    "allow \"remove-track\" \"remove-attachment\" \"reorder\" \"convert-container\" \"transcode-track\"\n";

fn home(policies: &str) -> Home {
    let home = Home::new();
    page_films(&home);
    home.write("profiles/mine.kdl", format!("{policies}\n{ALL}"));
    home.vpo(["scan", "[films]"]).exits(0);
    home
}

fn apply(home: &Home, film: &str) -> Value {
    home.vpo(["apply", "-p", "mine", "--yes", "--json", &format!("[films]/{film}")]).exits(0).json()
}

/// Nothing is left to do, and nothing runs.
fn assert_in_line(home: &Home, film: &str) {
    let before = std::fs::read(home.films(film)).unwrap();
    let again = apply(home, film);
    assert_eq!(again["summary"]["to_change"], 0, "{again}");
    assert!(before == std::fs::read(home.films(film)).unwrap());
}

fn tracks(home: &Home, film: &str) -> Vec<String> {
    let facts = home.vpo(["inspect", "--json", &format!("[films]/{film}")]).exits(0).json();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |track: &Value| {
        let default = if track["default"] == true { " default" } else { "" };
        format!("{} {} {}{default}", word(&track["type"]), word(&track["language"]), word(&track["codec"]))
    };
    facts["tracks"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn filter_order_and_flags_together_keep_what_the_filter_keeps() {
    let home = home(
        "policy \"tracks\" {
            audio \"eng\" { keep commentary=#true; }
            order \"video\" \"audio-main\" \"commentary\" \"subtitle\"
            default audio=\"first\"
        }",
    );

    let done = apply(&home, "Heat.mkv");

    assert_eq!(done["summary"]["edited"], 1);
    assert_eq!(
        tracks(&home, "Heat.mkv")[..3],
        ["video und h264", "audio en aac default", "audio en aac"]
            .map(|track| track.replace("video und h264", "video und h264 default"))
    );
    assert_in_line(&home, "Heat.mkv");
}

#[test]
fn rules_alone_and_a_filter_alone_do_nothing_else() {
    let rules =
        home("policy \"rules\" { rule \"never\" { when { count \"video\" \">5\"; }; then { set-title \"x\"; }; }; }");
    let before = tracks(&rules, "Heat.mkv");
    assert_in_line(&rules, "Heat.mkv");
    assert_eq!(tracks(&rules, "Heat.mkv"), before);

    let filter = home("policy \"tracks\" { subtitle \"eng\"; }");
    let plan = filter.vpo(["apply", "-p", "mine", "--dry-run", "--json", "[films]/Heat.mkv"]).exits(0).json();
    let kinds: Vec<_> = plan["files"][0]["steps"].as_array().unwrap().iter().map(|step| step["kind"].clone()).collect();
    assert_eq!(kinds, ["remove-track"]);
}

#[test]
fn one_soundtrack_is_encoded_and_all_subtitles_stay() {
    let home = home(
        "policy \"tracks\" { audio { drop codec=\"ac3\"; }; }
         policy \"container\" { to \"mp4\" incompatible=\"convert\"; }",
    );

    apply(&home, "Heat.mkv");
    let subtitles = tracks(&home, "Heat.mp4").iter().filter(|track| track.contains("mov_text")).count();

    assert_eq!(subtitles, 3);
    assert_in_line(&home, "Heat.mp4");
}

#[test]
fn a_container_alone_is_something_to_do() {
    let home = home("policy \"container\" { to \"mkv\"; }");

    let done = apply(&home, "Clip.mp4");

    assert_eq!(done["summary"]["edited"], 1);
    assert_eq!(tracks(&home, "Clip.mkv").len(), 3);
    assert_in_line(&home, "Clip.mkv");
}

#[test]
fn what_is_set_beside_a_removal_is_set_in_the_same_run() {
    let home = home(
        "policy \"tracks\" { subtitle \"eng\"; set-language \"deu\" in=\"audio\" language=\"fra\"; }
         policy \"rules\" {
            rule \"all at once\" {
                then {
                    set-title \"Heat\"
                    set-track-title \"audio\" \"Ton\" language=\"deu\"
                    set-flag \"subtitle\" \"forced\" hearing-impaired=#true
                    set-tag \"STUDIO\" \"Ours\"
                }
            }
         }",
    );

    let plan = home.vpo(["apply", "-p", "mine", "--dry-run", "--json", "[films]/Heat.mkv"]).exits(0).json();
    assert_eq!(plan["files"][0]["runs"].as_array().unwrap().len(), 1);
    apply(&home, "Heat.mkv");

    let facts = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).exits(0).json();
    assert_eq!(facts["title"], "Heat");
    assert_eq!((&facts["tracks"][1]["language"], &facts["tracks"][1]["title"]), (&"de".into(), &"Ton".into()));
    let forced: Vec<_> = facts["tracks"].as_array().unwrap().iter().filter(|track| track["forced"] == true).collect();
    assert_eq!(forced.len(), 2);
    assert!(facts["tags"].as_array().unwrap().iter().any(|tag| tag["name"] == "STUDIO" && tag["value"] == "Ours"));
    assert_in_line(&home, "Heat.mkv");
}

#[test]
fn the_default_is_chosen_among_what_stays() {
    let home =
        home("policy \"tracks\" { audio \"eng\"; default audio=\"preferred\"; prefer { audio \"fra\" \"eng\"; }; }");

    apply(&home, "Heat.mkv");

    assert_eq!(tracks(&home, "Heat.mkv")[1], "audio en aac default");
    assert_in_line(&home, "Heat.mkv");
}

#[test]
fn two_versions_of_a_plugin_are_compared_over_the_library() {
    let home = home("policy \"tracks\" { audio \"eng\"; }");
    let other = vpo_tests::component("plugins", "tracks");
    let with = format!("tracks={}", other.display());

    let same = home.vpo(["plan", "diff", "-p", "mine", "--with", &with]).exits(0);
    let unknown = home.vpo(["plan", "diff", "-p", "mine", "--with", "track=x.wasm"]).exits(2);
    home.write("profiles/new.kdl", format!("policy \"tracks\" {{ audio \"eng\" \"fra\"; }}\n{ALL}"));
    let differ = home.vpo(["plan", "diff", "-p", "mine", "--against", "new"]).exits(0);

    assert!(same.stdout.contains("would treat 4 files alike"), "{same}");
    assert!(
        unknown.stderr.contains("has no policy \"track\"") && unknown.stderr.contains("it has tracks"),
        "{unknown}"
    );
    assert!(differ.stdout.starts_with("1 of 4 files would be treated differently\n"), "{differ}");
    assert!(differ.stdout.contains("  - remove audio track 1 (fr, ac3, stereo, \"Stereo\")"), "{differ}");
}
