//! Cases in KDL, asked natively: what holds passes, what does not fails by its name.

use std::panic::catch_unwind;

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::languages::Language;
use vpo_plugin_sdk::options::Options;
use vpo_plugin_sdk::policy::{Context, Failure, Verdict};
use vpo_plugin_sdk::reasons::because;
use vpo_plugin_sdk::testing::{assert_at_rest, assert_case, evaluate, facts, kinds, video};
use vpo_plugin_sdk::tracks::TrackExt;
use vpo_plugin_sdk::{Plugin, Policy};

/// Removes forced tracks of some languages.
struct Unforced;

#[derive(Options)]
struct UnforcedOptions {
    /// Languages whose forced tracks go.
    #[child]
    languages: Option<Languages>,
}

#[derive(Options)]
struct Languages {
    /// The languages.
    #[arguments(required)]
    tags: Vec<Language>,
}

impl Plugin for Unforced {
    const NAME: &str = "unforced";
    const VERSION: &str = "1.0.0";
    const SUMMARY: &str = "Removes forced tracks of some languages";
    type Options = UnforcedOptions;
}

impl Policy for Unforced {
    fn evaluate(options: &UnforcedOptions, _: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        if facts.partial.is_some() {
            return Err(Failure::Refused("not all is known".into()));
        }
        let mut draft = Draft::new(facts);
        let languages = options.languages.iter().flat_map(|languages| &languages.tags);
        for language in languages {
            for track in facts.tracks.iter().filter(|track| track.is_forced() && language.matches(&track.language.tag))
            {
                draft.remove_track(track.id, because("It is forced."));
            }
        }
        Ok(draft.finish())
    }
}

fn holds(case: &str) -> bool {
    catch_unwind(|| assert_case::<Unforced>("a case", case)).is_ok()
}

#[test]
fn a_case_holds_when_the_answer_is_the_expected_one() {
    let case = "options { languages \"ger\" }\ntrack \"video\"\ntrack \"subtitle\" language=\"de\" forced=#true\n";

    assert!(holds(&format!("{case}expect \"remove-track 1\"")));
    assert!(!holds(&format!("{case}expect")));
    assert!(!holds(&format!("{case}expect \"remove-track 0\"")));
}

#[test]
fn without_expectations_every_answer_will_do() {
    assert!(holds("track \"audio\" \"ac3\" channels=6 commentary=#true"));
}

#[test]
fn a_refusal_can_be_expected() {
    assert!(holds("file \"A.mkv\" partial=\"cut short\"\ntrack \"video\"\nexpect \"refused\""));
    assert!(!holds("track \"video\"\nexpect \"refused\""));
}

#[test]
fn tags_of_tracks_and_chapters_can_be_given() {
    assert!(holds("track \"video\"\ntag \"BPS\" \"9\" track=0 language=\"en\"\nchapter \"One\"\nchapter\nexpect"));
    assert!(holds("file \"Empty.mkv\"\nexpect"));
}

/// Puts every file into one folder.
struct Gathered;

impl Plugin for Gathered {
    const NAME: &str = "gathered";
    const VERSION: &str = "1.0.0";
    const SUMMARY: &str = "Puts every file into one folder";
    type Options = ();
}

impl Policy for Gathered {
    fn evaluate(_: &(), context: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let mut draft = Draft::new(facts);
        draft.move_file(&format!("films/{}", context.file_name), because("All films lie together."));
        Ok(draft.finish())
    }
}

#[test]
fn a_policy_that_moves_files_is_at_rest_though_it_cannot_know_where_they_are() {
    let film = facts([video("h264")]);

    let verdict = evaluate::<Gathered>("", &film).unwrap();

    assert_eq!(kinds(&verdict), ["move-file films/Film.mkv"]);
    assert_at_rest::<Gathered>(&[], &film, &verdict);
}

#[test]
fn mistakes_in_a_case_are_not_passed_over() {
    for mistaken in [
        "expect",
        "track \"picture\"",
        "track \"video\" forced=1",
        "trakc \"video\"",
        "track \"video\"\ntag \"BPS\" \"9\" trak=0",
        "options { language \"de\" }\ntrack \"video\"",
    ] {
        assert!(!holds(mistaken), "{mistaken}");
    }
}
