use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::*;
use crate::kdl_read::List;

fn base() -> Base {
    Base { folder: "/etc/vpo".into(), home: Some("/home/ann".into()) }
}

fn told(content: &str) -> Vec<String> {
    config("config.kdl", content, base()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_built_in_defaults_have_every_setting_and_no_mistakes() {
    let home = PathBuf::from("/home/ann/.vpo");

    let settings = Settings::resolve([], defaults(&home));

    assert_eq!(settings.jobs.retention_days.value, 30);
    assert_eq!(settings.database.path.value, home.join("library.db"));
    assert_eq!(settings.logging.file.value, Some(home.join("logs/vpo.log")));
    assert_eq!(settings.protect.audio_languages.value, List(vec![]));
    assert!(settings.rows().iter().all(|row| matches!(row.source, Source::Default { line: Some(_) })));
}

#[test]
fn every_setting_of_the_defaults_page_has_a_comment_or_stands_in_a_commented_section() {
    let lines: Vec<&str> = DEFAULTS.lines().collect();
    let sections = ["tools", "database"];
    let mut section = "";

    for (index, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_suffix(" {") {
            section = name;
            assert!(lines[index - 1].starts_with("//"), "the section {name} has no comment");
        } else if line.starts_with("    ") && !line.trim().starts_with("//") && !sections.contains(&section) {
            assert!(lines[index - 1].trim().starts_with("//"), "no comment above {line}");
        }
    }
}

#[test]
fn the_stronger_layer_wins_value_by_value_and_says_where_it_comes_from() {
    let config = config("config.kdl", "jobs retention-days=7\nscan threads=2 breaker-percent=9\n", base()).unwrap();
    let mut command_line = Layer::default();
    command_line.scan.threads = Some(Sourced::flag(Threads::Exactly(NonZeroUsize::new(3).unwrap()), "--threads"));

    let settings = Settings::resolve([command_line, config], defaults(&base().folder));

    assert_eq!(settings.scan.threads.count(), 3);
    assert_eq!(settings.scan.threads.source.to_string(), "--threads");
    assert_eq!(settings.jobs.retention_days.value, 7);
    assert_eq!(settings.jobs.retention_days.source, Source::Config { file: "config.kdl".into(), line: 1 });
    assert_eq!(settings.scan.breaker_percent.source, Source::Config { file: "config.kdl".into(), line: 2 });
    assert_eq!(settings.scan.breaker_minimum.value, 20);
    assert!(matches!(settings.scan.breaker_minimum.source, Source::Default { .. }));
}

#[test]
fn what_a_row_shows_can_be_written_back_and_reads_the_same() {
    let settings = Settings::resolve([], defaults(&base().folder));
    let written: String =
        settings.rows().iter().map(|row| format!("{} {{\n    {} {}\n}}\n", row.section, row.name, row.kdl)).collect();

    // Every section may stand once only, so each row is read as a text of its own.
    for (row, text) in settings.rows().iter().zip(written.split_inclusive("}\n")) {
        let layer = config("config.kdl", text, base()).unwrap_or_else(|mistakes| panic!("{text}: {mistakes}"));
        assert_eq!(layer.rows()[0].value, row.value, "{text}");
    }
}

#[test]
fn paths_start_in_the_folder_of_their_file_and_only_the_tilde_is_expanded() {
    let config = config("config.kdl", "logging file=\"~/x/$HOME.log\"\ndatabase path=\"../big/library.db\"\n", base());

    let layer = config.unwrap();

    assert_eq!(layer.logging.file.unwrap().value, Some(PathBuf::from("/home/ann/x/$HOME.log")));
    assert_eq!(layer.database.path.unwrap().value, PathBuf::from("/etc/vpo/../big/library.db"));
    assert_eq!(
        told("logging file=\"~bob/x.log\"")[0],
        "config.kdl:1:9: only ~/ is expanded, not the homes of others (expected a path, or #null for none)"
    );
}

#[test]
fn all_mistakes_of_a_text_are_told_at_once() {
    let told = told(concat!(
        "loging level=info\n",
        "scan threads=0 breaker-percent=101\n",
        "apply backup=\"kep\" verify=yes\n",
        "jobs retention-days=\"30\" {\n    retension-days 3\n}\n",
        "logging rotate-size=\"10 parsecs\" level=loud\n",
        "policy \"tracks\"\n",
        "scan threads=4\n",
    ));

    assert_eq!(
        told,
        [
            "config.kdl:1:1: unknown section \"loging\" (expected one of scan, apply, protect, jobs, logging, tools, limits, database); did you mean \"logging\"?",
            "config.kdl:2:6: 0 threads are not possible (expected \"auto\" or a number from 1 to 256)",
            "config.kdl:2:16: 101 is more than 100 (expected a number from 0 to 100)",
            "config.kdl:3:7: \"kep\" is not known here (expected one of \"keep\", \"none\"); did you mean \"keep\"?",
            "config.kdl:3:20: \"yes\" is a text (expected #true or #false); did you mean \"#true\"?",
            "config.kdl:4:6: \"30\" is a text (expected a whole number)",
            "config.kdl:5:5: unknown setting \"retension-days\" (expected one of retention-days, auto-purge, keep-history-days); did you mean \"retention-days\"?",
            "config.kdl:7:9: \"10 parsecs\" is not a size (expected a size such as \"10MiB\", or a number of bytes)",
            "config.kdl:7:34: \"loud\" is not known here (expected error, warn, info, debug or trace, or a filter such as \"info,vpo::scan=debug\")",
            "config.kdl:8:1: \"policy\" belongs into a profile, not into the settings",
            "config.kdl:9:1: \"scan\" stands here twice",
        ]
    );
}

#[test]
fn errors_of_syntax_are_mistakes_with_places() {
    let told = told("scan threads=\njobs {\n");

    assert!(told[0].starts_with("config.kdl:1:"), "{told:?}");
    assert!(told[0].contains("syntax: "), "{told:?}");
}

#[test]
fn one_setting_of_the_command_line_is_written_without_ceremony() {
    let set = |written: &str| set(written, base()).unwrap_or_else(|mistakes| panic!("{written}: {mistakes}"));

    assert_eq!(set("jobs.retention-days=7").jobs.retention_days.unwrap(), Sourced::flag(7, "--set"));
    assert!(!set("apply.verify=false").apply.verify.unwrap().value);
    assert_eq!(set("logging.rotate-size=1KiB").logging.rotate_size.unwrap().value, ByteSize(1024));
    assert_eq!(set("logging.file=~/x \"y\".log").logging.file.unwrap().value, Some("/home/ann/x \"y\".log".into()));
    assert_eq!(set("logging.file=null").logging.file.unwrap().value, None);
    assert_eq!(set("scan.extensions=mkv mp4").scan.extensions.unwrap().value.0, ["mkv", "mp4"]);
}

#[test]
fn a_mistaken_setting_of_the_command_line_is_told_like_any_other() {
    let told = |written: &str| set(written, base()).unwrap_err().to_string();

    assert!(told("job.retention-days=7").contains("did you mean \"jobs\"?"));
    assert!(told("jobs.retention=7").contains("did you mean \"retention-days\"?"));
    assert!(told("jobs.retention-days=many").contains("\"many\" is a text (expected a whole number)"));
    assert!(told("jobs.retention-days").contains("no value (expected a whole number)"));
    assert!(told("jobs").contains("unknown setting"));
}
