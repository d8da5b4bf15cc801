use std::fs;

use tempfile::TempDir;

use super::*;
use crate::media::{Entry, Value};
use crate::settings::{Settings, Source, defaults};

/// A folder of profiles.
struct Shelf(TempDir);

impl Shelf {
    fn new(profiles: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in profiles {
            fs::write(folder.path().join(format!("{name}.kdl")), content).unwrap();
        }
        Self(folder)
    }

    fn search(&self) -> Search {
        Search { folders: vec![self.0.path().to_owned()] }
    }

    fn load(&self, name: &str) -> Result<Profile, ProfileError> {
        Profile::load(&self.search(), name, Some(Path::new("/home/ann")))
    }

    /// The mistakes of a profile, with the folder cut off.
    fn told(&self, name: &str) -> Vec<String> {
        match self.load(name) {
            Err(ProfileError::Mistaken { mistakes, .. }) => {
                let folder = format!("{}/", self.0.path().display());
                mistakes.iter().map(|mistake| mistake.to_string().replace(&folder, "")).collect()
            }
            other => panic!("no mistakes: {other:?}"),
        }
    }
}

fn names(uses: &[PluginUse]) -> Vec<&str> {
    uses.iter().map(|one| one.written.as_str()).collect()
}

#[test]
fn without_a_profile_the_built_in_plugins_hold() {
    let profile = Profile::built_in();

    assert_eq!(profile.name, None);
    assert_eq!(profile.detect.written, "stat");
    assert_eq!(names(&profile.introspect), ["matroska", "isobmff", "avi", "mpegts", "ffprobe"]);
    assert!(profile.policies.is_empty());
    assert_eq!(profile.tools_of(&PluginName::Named("ffprobe".into())), ["ffprobe"]);
    assert_eq!(profile.tools_of(&PluginName::Named("matroska".into())), Vec::<String>::new());
}

#[test]
fn a_profile_says_what_it_wants() {
    let shelf = Shelf::new(&[(
        "kids",
        r#"
description "Films for children"
library "/media/kids" "films" "~/kids"
exclude "**/extras/**"
detect "content"
introspect "matroska" "isobmff"
policy "tracks" {
    audio "eng" "und" fallback="keep-all" {
        when channels=6
    }
    subtitle "eng"
}
policy "./plugins/no-scary-titles.wasm"
allow "remove-track" "reorder"
grant "./plugins/mine.wasm" tool="mkvmerge"
apply backup="keep"
task "nightly" keep-going=#true { scan prune=#true; apply policy="tracks"; }
"#,
    )]);
    let folder = shelf.0.path();

    let profile = shelf.load("kids").unwrap();

    assert_eq!(profile.description.as_deref().map(String::as_str), Some("Films for children"));
    let roots: Vec<&Path> = profile.roots.iter().map(|root| root.value.as_path()).collect();
    assert_eq!(roots, [Path::new("/media/kids"), &folder.join("films"), Path::new("/home/ann/kids")]);
    assert_eq!(profile.detect.written, "content");
    assert_eq!(names(&profile.introspect), ["matroska", "isobmff"]);
    assert_eq!(profile.policies[1].plugin, PluginName::File(folder.join("plugins/no-scary-titles.wasm")));
    let options = &profile.policies[0].options;
    let shape: Vec<_> = options.nodes.iter().map(|node| (node.name.as_str(), node.parent)).collect();
    assert_eq!(shape, [("audio", None), ("when", Some(0)), ("subtitle", None)]);
    assert_eq!(options.nodes[0].arguments, [Value::Text("eng".into()), Value::Text("und".into())]);
    assert_eq!(options.nodes[1].properties, [Entry { name: "channels".into(), value: Value::Integer(6) }]);
    assert_eq!((options.nodes[2].place.line(), options.nodes[2].place.column()), (11, 5));
    assert_eq!(profile.tools_of(&PluginName::File(folder.join("plugins/mine.wasm"))), ["mkvmerge"]);
    let task = profile.find_task("nightly").unwrap();
    assert!(task.keep_going);
    assert_eq!(task.parts[0], Part::Scan { full: false, prune: true, verify_hash: false, accept_missing: false });
    let Part::Apply { policies } = &task.parts[1] else { panic!("{task:?}") };
    assert_eq!(policies[0].0, "tracks");
}

#[test]
fn the_profile_wins_over_what_it_inherits_and_the_config_only_fills_gaps() {
    let shelf = Shelf::new(&[
        ("base", "apply backup=\"keep\" hardlinks=\"break\"\nscan threads=2\njobs retention-days=1\n"),
        ("late", "jobs retention-days=2\n"),
        ("kids", "inherits \"base\" \"late\"\nscan threads=3\n"),
    ]);
    let config =
        crate::settings::config("config.kdl", "scan threads=4 stability=\"9s\"\n", Default::default()).unwrap();

    let profile = shelf.load("kids").unwrap();
    let settings = Settings::resolve([profile.settings, config], defaults(Path::new("/home/ann/.vpo")));

    assert_eq!(profile.inherited, ["base", "late"]);
    assert_eq!(settings.scan.threads.count(), 3);
    let kids = shelf.0.path().join("kids.kdl").display().to_string();
    assert_eq!(settings.scan.threads.source, Source::Profile { name: "kids".into(), file: kids, line: 2 });
    assert!(matches!(&settings.apply.backup.source, Source::Profile { name, line: 1, .. } if name == "base"));
    assert_eq!(settings.jobs.retention_days.value, 2);
    assert_eq!(settings.scan.stability.source.to_string(), "config.kdl:1");
    assert!(matches!(settings.jobs.auto_purge.source, Source::Default { .. }));
}

#[test]
fn what_is_inherited_adds_up_and_a_policy_of_the_same_name_takes_its_place() {
    let shelf = Shelf::new(&[
        (
            "base",
            "description \"base\"\nlibrary \"/a\"\nexclude \"x\"\nallow \"reorder\"\npolicy \"tracks\" { audio \"jpn\"; }\npolicy \"container\"\ntask \"nightly\" { scan; }\n",
        ),
        (
            "kids",
            "inherits \"base\"\nexclude \"y\" \"x\"\nallow \"reorder\" \"remove-track\"\npolicy \"rules\"\npolicy \"tracks\" { audio \"eng\"; }\ntask \"weekly\" { apply; }\n",
        ),
    ]);

    let profile = shelf.load("kids").unwrap();

    assert_eq!(profile.description, None);
    assert_eq!(profile.roots[0].value, Path::new("/a"));
    assert_eq!(profile.exclude.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(profile.allow.iter().map(|one| one.step.as_str()).collect::<Vec<_>>(), ["reorder", "remove-track"]);
    assert_eq!(names(&profile.policies), ["tracks", "container", "rules"]);
    assert_eq!(profile.policies[0].options.nodes[0].arguments, [Value::Text("eng".into())]);
    assert_eq!(profile.tasks.len(), 2);
    assert_eq!(profile.grants.len(), 1);
}

#[test]
fn all_mistakes_of_a_profile_and_of_those_it_inherits_are_told_at_once() {
    let shelf = Shelf::new(&[
        ("base", "allow \"remove-tracks\"\ninherits \"kids\"\n"),
        (
            "kids",
            r#"inherits "base" "nobody" "../x"
descripton "typo"
library 5
exclude "[z"
policy "tracks" "rules" { audio "eng"; }
grant "ffprobe" tool="ffmpeg"
apply backup="kep"
task "scan" { scan prune=1; sacn; }
task "nightly" { apply policy="track"; }
task "empty"
(u8)allow "reorder"
"#,
        ),
    ]);

    let told = shelf.told("kids");

    assert_eq!(
        told,
        [
            "kids.kdl:1:17: unknown profile \"nobody\" (expected one of base, kids)",
            "kids.kdl:1:26: \"../x\" is no name of a profile: a name has letters, digits, - and _",
            "kids.kdl:2:1: unknown word \"descripton\" (expected one of description, library, include, exclude, inherits, detect, introspect, policy, allow, grant, task, scan, apply, protect, jobs, logging, tools, limits, database); did you mean \"description\"?",
            "kids.kdl:3:9: 5 is a whole number (expected a path)",
            "kids.kdl:4:9: \"[z\" is no pattern: unclosed character class; missing ']' (expected a pattern such as \"**/extras/**\")",
            "kids.kdl:5:27: a block of options belongs to one plugin, and \"policy\" names several (expected one node for each plugin with options)",
            "kids.kdl:6:17: unknown program \"ffmpeg\" (expected one of ffprobe, mkvmerge)",
            "kids.kdl:7:7: \"kep\" is not known here (expected one of \"keep\", \"none\"); did you mean \"keep\"?",
            "kids.kdl:8:6: \"scan\" is what every profile can run; a task needs another name",
            "kids.kdl:8:20: 1 is a whole number (expected #true or #false)",
            "kids.kdl:8:29: unknown part of a task \"sacn\" (expected one of scan, apply); did you mean \"scan\"?",
            "kids.kdl:9:24: unknown policy of this profile \"track\"",
            "kids.kdl:10:1: this task does nothing (expected a block such as { scan; apply; })",
            "kids.kdl:11:2: type annotation (u8) is not used here",
            "base.kdl:1:7: unknown step \"remove-tracks\" (expected one of remove-track, remove-attachment, remove-chapters, reorder, convert-container, transcode-track, move-file, set-flag, set-language, set-track-title, set-title, set-tag); did you mean \"remove-track\"?",
            "base.kdl:2:10: this goes in a circle: kids inherits base inherits kids",
        ]
    );
}

#[test]
fn an_unknown_profile_is_told_with_those_there_are_and_the_nearest() {
    let shelf = Shelf::new(&[("kids", ""), ("movies", "")]);

    let error = shelf.load("kid").unwrap_err();

    let ProfileError::Unknown { known, nearest, .. } = error else { panic!("{error:?}") };
    assert_eq!(known, ["kids", "movies"]);
    assert_eq!(nearest.as_deref(), Some("kids"));
}

#[test]
fn names_are_never_paths() {
    let shelf = Shelf::new(&[]);

    for name in ["", "..", "a/b", "a.b", "/etc/passwd", "ü", "a b"] {
        assert!(matches!(shelf.load(name), Err(ProfileError::BadName { .. })), "{name:?}");
    }
}

#[test]
fn the_first_folder_of_the_search_wins() {
    let near = Shelf::new(&[("kids", "description near")]);
    let far = Shelf::new(&[("kids", "description far"), ("movies", "")]);
    let search = Search { folders: vec!["/not/there".into(), near.0.path().into(), far.0.path().into()] };

    let found = search.list();

    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["kids", "movies"]);
    assert_eq!(found[0].path, near.0.path().join("kids.kdl"));
    assert_eq!(search.find("kids").unwrap(), found[0].path);
}

fn value_spec(name: &str, kind: ValueKind) -> ValueSpec {
    ValueSpec {
        name: name.into(),
        kind,
        choices: Vec::new(),
        required: false,
        repeats: false,
        default: None,
        summary: String::new(),
    }
}

fn option_spec(name: &str, parent: Option<u32>) -> OptionSpec {
    OptionSpec {
        name: name.into(),
        parent,
        children_of: None,
        required: false,
        repeats: true,
        arguments: Vec::new(),
        properties: Vec::new(),
        summary: format!("what {name} does"),
    }
}

/// A plugin with `audio` (languages, one fallback), and `when` in it, which nests.
fn specs() -> Vec<OptionSpec> {
    let mut audio = option_spec("audio", None);
    audio.arguments = vec![ValueSpec { repeats: true, required: true, ..value_spec("language", ValueKind::Language) }];
    audio.arguments[0].choices = vec!["any".into()];
    audio.properties = vec![
        ValueSpec {
            choices: vec!["keep-all".into(), "error".into()],
            default: Some(Value::Text("error".into())),
            ..value_spec("fallback", ValueKind::Text)
        },
        value_spec("loud", ValueKind::Boolean),
    ];
    let mut when = option_spec("when", Some(0));
    when.children_of = Some(0);
    when.properties = vec![value_spec("share", ValueKind::Decimal)];
    let mut order = option_spec("order", None);
    order.repeats = false;
    order.required = true;
    vec![audio, when, order]
}

fn check(block: &str) -> (OptionNodes, Vec<String>) {
    let shelf = Shelf::new(&[("kids", &format!("policy \"tracks\" {{\n{block}\n}}\n"))]);
    let profile = shelf.load("kids").unwrap();
    let mut mistakes = Mistakes::default();
    let checked = profile.policies[0].options.checked("tracks", &specs(), &mut mistakes);
    let folder = format!("{}/", shelf.0.path().display());
    (checked, mistakes.iter().map(|mistake| mistake.to_string().replace(&folder, "")).collect())
}

#[test]
fn options_reach_the_plugin_with_canonical_languages_and_defaults() {
    let (checked, told) = check("order\naudio \"ger\" \"deu\" \"any\" {\n when share=1 { when share=0.5; }\n}");

    assert_eq!(told, Vec::<String>::new());
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(checked.nodes[1].arguments, [text("de"), text("de"), text("any")]);
    assert_eq!(checked.nodes[1].properties, [Entry { name: "fallback".into(), value: text("error") }]);
    assert_eq!(checked.nodes[2].properties[0].value, Value::Decimal(1.0));
    assert_eq!(checked.nodes[3].parent, Some(2));
}

#[test]
fn every_mistake_in_the_options_is_told_where_it_stands() {
    let (_, told) = check(
        "audi \"eng\"\naudio \"klingonish\" fallback=\"keepall\" loud=yes lowd=#true\naudio\naudio \"eng\" {\n  wen\n}",
    );

    assert_eq!(
        told,
        [
            "kids.kdl:2:1: the plugin tracks has no option \"audi\" (expected one of audio, order); did you mean \"audio\"?",
            "kids.kdl:3:7: \"klingonish\" is no language (expected a language such as \"en\", \"eng\" or \"pt-BR\", or one of \"any\")",
            "kids.kdl:3:20: \"keepall\" is not known here (expected one of keep-all, error); did you mean \"keep-all\"?",
            "kids.kdl:3:39: \"yes\" is a text (expected #true or #false); did you mean \"#true\"?",
            "kids.kdl:3:48: \"audio\" has no property \"lowd\" (expected one of fallback, loud); did you mean \"loud\"?",
            "kids.kdl:4:1: \"audio\" needs a value: language (expected a language such as \"en\", \"eng\" or \"pt-BR\", or one of \"any\")",
            "kids.kdl:6:3: \"audio\" of tracks has no option \"wen\" (expected \"when\"); did you mean \"when\"?",
            "kids.kdl:1:8: \"order\" is missing (expected what order does)",
        ]
    );
}

#[test]
fn an_option_that_may_stand_once_may_not_stand_twice() {
    let (_, told) = check("order\norder 1 x=2");

    assert_eq!(
        told,
        [
            "kids.kdl:3:1: \"order\" may stand here only once",
            "kids.kdl:3:7: \"order\" takes no value of its own",
            "kids.kdl:3:9: \"order\" has no property \"x\"",
        ]
    );
}

#[test]
fn problems_that_a_plugin_finds_come_back_to_the_place_of_their_node() {
    let shelf = Shelf::new(&[("kids", "policy \"tracks\" {\n    order\n}\n")]);
    let profile = shelf.load("kids").unwrap();
    let mut mistakes = Mistakes::default();

    let problems = [(Some(0), "no order".to_owned()), (None, "nothing to do".to_owned())];
    profile.policies[0].options.add_problems(problems, &mut mistakes);

    let places: Vec<_> = mistakes.iter().map(|one| (one.place.line(), one.place.column())).collect();
    assert_eq!(places, [(2, 5), (1, 8)]);
}
