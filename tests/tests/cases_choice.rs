//! Which films a scan looks at: patterns of the command line and of profiles, ignore files, extensions.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use vpo_tests::{Home, film};

const FILMS: [&str; 7] = [
    "Heat.mkv",
    "Alien.mkv",
    "box/Heat.mkv",
    "box/Alien.mkv",
    "box/deep/Heat.mkv",
    "extras/Trailer.mkv",
    "box/extras/Sample.mkv",
];

fn library() -> Home {
    let home = Home::new();
    FILMS.iter().for_each(|name| drop(home.put(name, &film("heat"))));
    home
}

/// The films that are recorded, below the root and sorted.
fn recorded(home: &Home) -> Vec<String> {
    let database = home.database();
    let mut rows = database
        .prepare(
            "SELECT d.path, f.name FROM files f JOIN folders d ON d.id = f.folder_id WHERE missing_since_ns IS NULL",
        )
        .unwrap();
    let root = home.films("");
    let mut films: Vec<String> = rows
        .query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .map(|(folder, name)| {
            let path = std::path::Path::new(OsStr::from_bytes(&folder)).join(OsStr::from_bytes(&name));
            path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()
        })
        .collect();
    films.sort();
    films
}

#[test]
fn patterns_say_which_films_are_looked_at() {
    let table: [(&[&str], &[&str]); 8] = [
        (&["--include", "Heat.mkv"], &["Heat.mkv", "box/Heat.mkv", "box/deep/Heat.mkv"]),
        (&["--include", "/Heat.mkv"], &["Heat.mkv"]),
        (&["--include", "box/*.mkv"], &["box/Alien.mkv", "box/Heat.mkv"]),
        (&["--include", "box/deep/"], &["box/deep/Heat.mkv"]),
        (&["--include", "box", "--exclude", "extras", "--exclude", "A*"], &["box/Heat.mkv", "box/deep/Heat.mkv"]),
        (
            &["--exclude", "**/extras/**", "--exclude", "box/deep"],
            &["Alien.mkv", "Heat.mkv", "box/Alien.mkv", "box/Heat.mkv"],
        ),
        (&["--exclude", "/box/**", "--exclude", "/extras"], &["Alien.mkv", "Heat.mkv"]),
        (&["--include", "*.mp4"], &[]),
    ];

    for (options, expected) in table {
        let home = library();

        let scan = home.vpo(["scan", "[films]"].iter().chain(options));

        assert_eq!(recorded(&home), expected, "{scan}");
    }
}

#[test]
fn the_patterns_of_a_profile_and_of_the_command_line_hold_together() {
    let home = library();
    let library = home.films("").display().to_string();
    home.write("profiles/mine.kdl", format!("library {library:?}\ninclude \"box\"\nexclude \"extras\"\n"));

    home.vpo(["scan", "-p", "mine", "--exclude", "Alien.mkv"]).exits(0);

    assert_eq!(recorded(&home), ["box/Heat.mkv", "box/deep/Heat.mkv"]);
}

#[test]
fn a_pattern_that_is_none_is_refused_before_anything_is_done() {
    let home = library();

    let refused = home.vpo(["scan", "--json", "--exclude", "[", "[films]"]);

    assert_eq!((refused.exit, refused.json()["code"].as_str()), (2, Some("BAD_GLOB")), "{refused}");
}

#[test]
fn films_that_are_left_out_later_keep_their_state() {
    let home = library();
    home.vpo(["scan", "[films]"]).exits(0);
    fs::remove_dir_all(home.films("box/deep")).unwrap();

    let scan = home.vpo(["scan", "--json", "--exclude", "box", "[films]"]);

    assert_eq!(scan.summary(), [3, 3, 0, 0, 0, 0, 0], "{scan}");
    assert_eq!(recorded(&home).len(), 7);
}

#[test]
fn an_ignore_file_speaks_as_gitignore_does() {
    const ALL_HEAT: [&str; 3] = ["Heat.mkv", "box/Heat.mkv", "box/deep/Heat.mkv"];
    type IgnoreFiles = &'static [(&'static str, &'static str)];
    let table: [(IgnoreFiles, &[&str]); 7] = [
        (&[("", "# none of these\n\nAlien.mkv\nextras/\n")], &ALL_HEAT),
        (&[("", "*\n!Heat.mkv\n!box/\n!deep/\n")], &ALL_HEAT),
        (&[("", "extras/\n/Heat.mkv\n/Alien.mkv\n")], &["box/Alien.mkv", "box/Heat.mkv", "box/deep/Heat.mkv"]),
        (
            &[("", "extras\nHeat.mkv\n"), ("box", "!Heat.mkv\n")],
            &["Alien.mkv", "box/Alien.mkv", "box/Heat.mkv", "box/deep/Heat.mkv"],
        ),
        // Nothing below a folder that is left out comes back.
        (&[("", "box/\n/extras\n"), ("box", "!Heat.mkv\n")], &["Alien.mkv", "Heat.mkv"]),
        (&[("", "extras\nbox/*\n!box/deep\n")], &["Alien.mkv", "Heat.mkv", "box/deep/Heat.mkv"]),
        (
            &[("box", "/Heat.mkv\nextras\n"), ("extras", "*")],
            &["Alien.mkv", "Heat.mkv", "box/Alien.mkv", "box/deep/Heat.mkv"],
        ),
    ];

    for (files, expected) in table {
        let home = library();
        for (folder, rules) in files {
            fs::write(home.films(folder).join(".vpoignore"), rules).unwrap();
        }

        let scan = home.vpo(["scan", "[films]"]);

        assert_eq!(recorded(&home), expected, "{files:?} {scan}");
    }
}

#[test]
fn extensions_are_those_of_the_readers_unless_the_settings_name_some() {
    let home = Home::new();
    for name in ["Heat.mkv", "Alien.MP4", "Brazil.film", "Ronin.mkv.part", "mkv", "notes.txt"] {
        home.put(name, &film("heat"));
    }
    home.vpo(["scan", "[films]"]);
    assert_eq!(recorded(&home), ["Alien.MP4", "Heat.mkv"]);
    home.write("config.kdl", "scan {\n    extensions \"film\" \".part\"\n}\n");

    home.vpo(["scan", "--json", "[films]"]).exits(0);

    assert_eq!(recorded(&home), ["Alien.MP4", "Brazil.film", "Heat.mkv", "Ronin.mkv.part"]);
}

/// The films that a dry run by a profile would change, below the root and sorted.
fn planned(home: &Home, profile: &str) -> Vec<String> {
    let plan = home.vpo(["apply", "--json", "--dry-run", "-p", profile]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let root = home.films("").display().to_string();
    let files = plan["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap());
    let mut films: Vec<String> = files.map(|file| file.trim_start_matches(&root).to_owned()).collect();
    films.sort();
    films
}

#[test]
fn an_apply_leaves_alone_what_its_profile_would_not_scan() {
    const WANTED: &str = "policy \"rules\" { rule \"title\" { then { set-title \"Wanted\"; }; }; }\n";
    let home = library();
    home.vpo(["scan", "[films]"]).exits(0);
    let profile = |name: &str, choice: &str| {
        let films = home.films("");
        home.write(&format!("profiles/{name}.kdl"), format!("library \"{}\"\n{choice}\n{WANTED}", films.display()))
    };
    profile("all", "");
    profile("some", "exclude \"**/extras/**\" \"box/deep\"");
    profile("heat", "include \"Heat.mkv\"");
    fs::write(home.films("box/.vpoignore"), "deep/\nAlien.mkv\n").unwrap();

    assert_eq!(
        planned(&home, "all"),
        ["Alien.mkv", "Heat.mkv", "box/Heat.mkv", "box/extras/Sample.mkv", "extras/Trailer.mkv"]
    );
    assert_eq!(planned(&home, "some"), ["Alien.mkv", "Heat.mkv", "box/Heat.mkv"]);
    assert_eq!(planned(&home, "heat"), ["Heat.mkv", "box/Heat.mkv"]);

    for command in ["explain", "apply"] {
        let named = home.vpo([command, "-p", "some", "[films]/extras/Trailer.mkv"]);
        assert_eq!(named.exit, 2, "{named}");
        assert!(named.stderr.contains("is left out, by the patterns of the profile"), "{named}");
    }
    let differs = home.vpo(["plan", "diff", "-p", "all", "--against", "heat"]).exits(0);
    assert!(differs.stdout.contains("extras/Trailer.mkv") && !differs.stdout.contains("box/Heat.mkv"), "{differs}");
}
