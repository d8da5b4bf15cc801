//! Whatever the options and whatever the file: the policy has nothing to do on its own outcome, never takes the sound or
//! the picture away, and names only what is there.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use vpo_plugin_sdk::options::{parse, validate};
use vpo_plugin_sdk::outcome::{is_isobmff, outcome};
use vpo_plugin_sdk::plugin::check;
use vpo_plugin_sdk::policy::{Action, TrackFlag};
use vpo_plugin_sdk::testing::random::{LANGUAGES, any_facts};
use vpo_plugin_sdk::testing::{assert_at_rest, context, kinds, options};
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt, TrackKind};
use vpo_plugin_sdk::{Policy, options::describe};
use vpo_plugin_tracks::Tracks;

fn languages(least: usize) -> impl Strategy<Value = String> {
    subsequence(LANGUAGES.to_vec(), least..4)
        .prop_shuffle()
        .prop_map(|some| some.into_iter().map(|language| format!(" \"{language}\"")).collect())
}

fn test() -> impl Strategy<Value = String> {
    let property = prop_oneof![
        select(LANGUAGES.to_vec()).prop_map(|language| format!(" language=\"{language}\"")),
        select(vec![
            " codec=\"ac3\"",
            " codec=\"*s*\"",
            " channels=\">2\"",
            " channels=2",
            " title=\"*e*\"",
            " title=\"/^s.*s$|e/\"",
            " resolution=\">=720p\"",
            " height=\">=720\""
        ])
        .prop_map(str::to_owned),
        select(vec![
            "commentary",
            "forced",
            "hearing-impaired",
            "description",
            "music",
            "original",
            "titled",
            "enabled"
        ])
        .prop_flat_map(|role| any::<bool>().prop_map(move |value| format!(" {role}=#{value}"))),
    ];
    vec(property, 0..3).prop_map(|some| some.concat())
}

fn rules() -> impl Strategy<Value = String> {
    let rule = (select(vec!["keep", "drop"]), test()).prop_map(|(word, test)| format!("{word}{test}; "));
    vec(rule, 0..3)
        .prop_map(|rules| if rules.is_empty() { String::new() } else { format!(" {{ {} }}", rules.concat()) })
}

fn fallback() -> impl Strategy<Value = String> {
    select(vec![
        "",
        " fallback=\"error\"",
        " fallback=\"keep-all\"",
        " fallback=\"keep-first\"",
        " fallback=\"content-language\"",
    ])
    .prop_map(str::to_owned)
}

fn block() -> impl Strategy<Value = String> {
    let keep = (
        prop::option::weighted(
            0.2,
            (fallback(), rules()).prop_map(|(fallback, rules)| format!("video{fallback}{rules}\n")),
        ),
        prop::option::of((languages(0), fallback(), 1..3, rules()).prop_map(
            |(languages, fallback, minimum, rules)| format!("audio{languages}{fallback} minimum={minimum}{rules}\n"),
        )),
        prop::option::of((languages(0), any::<bool>(), fallback(), 0..3, rules()).prop_map(
            |(languages, forced, fallback, minimum, rules)| {
                format!("subtitle{languages} keep-forced=#{forced}{fallback} minimum={minimum}{rules}\n")
            },
        )),
    );
    let classes = [
        "video",
        "audio",
        "audio-main",
        "audio-other",
        "audio-description",
        "audio-music",
        "audio-commentary",
        "subtitle",
        "subtitle-main",
        "subtitle-other",
        "subtitle-forced",
        "subtitle-sdh",
        "subtitle-commentary",
        "commentary",
        "other",
    ];
    let order = subsequence(classes.to_vec(), 1..classes.len()).prop_shuffle().prop_map(|classes| {
        format!("order{}\n", classes.into_iter().map(|class| format!(" \"{class}\"")).collect::<String>())
    });
    let default = (
        select(vec!["", " video=\"first\"", " video=\"none\""]),
        select(vec!["", " audio=\"first\"", " audio=\"preferred\"", " audio=\"none\""]),
        select(vec![
            "",
            " subtitle=\"first\"",
            " subtitle=\"preferred\"",
            " subtitle=\"forced\"",
            " subtitle=\"when-foreign\"",
            " subtitle=\"none\"",
        ]),
        select(vec!["", "", " forced-when-foreign=#true"]),
    )
        .prop_map(|(video, audio, subtitle, forced)| format!("default{video}{audio}{subtitle}{forced}\n"));
    let prefer = (languages(1), languages(1)).prop_map(|(audio, subtitle)| {
        format!("prefer {{ audio{audio}; audio-codec \"truehd\" \"a*\"; subtitle{subtitle}; }}\n")
    });
    let clear = (
        subsequence(vec!["title", "default", "forced", "file-title", "chapters"], 1..4),
        select(vec!["", " in=\"audio\"", " in=\"subtitle\""]),
        select(vec!["", " title=\"*e*\""]),
    )
        .prop_map(|(what, kind, title)| {
            format!("clear{}{kind}{title}\n", what.into_iter().map(|what| format!(" \"{what}\"")).collect::<String>())
        });
    // Whoever says that a track has no language says that it is music.
    let spoken: Vec<&str> = LANGUAGES.into_iter().filter(|language| *language != "zxx").collect();
    let set_language = (select(spoken), select(vec!["", " in=\"audio\""]), test())
        .prop_map(|(language, kind, test)| format!("set-language \"{language}\"{kind}{test}\n"));
    let attachments = (select(vec!["keep", "needed", "remove"]), select(vec!["keep", "remove"]))
        .prop_map(|(fonts, rest)| format!("attachments fonts=\"{fonts}\" covers=\"{rest}\" others=\"{rest}\"\n"));
    (
        keep,
        prop::option::of(order),
        prop::option::of(default),
        prop::option::weighted(0.4, prefer),
        vec(clear, 0..2),
        vec(set_language, 0..2),
        prop::option::weighted(0.3, attachments),
    )
        .prop_map(|((video, audio, subtitle), order, default, prefer, clear, set_language, attachments)| {
            let lines = [video, audio, subtitle, order, default, prefer, attachments];
            lines.into_iter().flatten().chain(clear).chain(set_language).collect()
        })
}

/// Enough to find each mistake that was ever found here within a few seconds.
const CASES: u32 = 2_048;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, max_global_rejects: CASES * 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_was_brought_in_line_is_in_line(written in block(), film in any_facts()) {
        let nodes = options::<Tracks>(&written);
        prop_assert_eq!(validate(&describe::<Tracks>(), &nodes), vec![], "{}", written);
        prop_assume!(check::<Tracks>(&nodes).is_empty());
        let options: Tracks = parse(&nodes).unwrap();
        let Ok(verdict) = Tracks::evaluate(&options, &context(), &film) else { return Ok(()) };

        assert_at_rest::<Tracks>(&nodes, &film, &verdict);
        let after = outcome(&film, &verdict);
        for kind in [TrackKind::Video, TrackKind::Audio] {
            prop_assert!(film.of_kind(kind).count().min(1) <= after.of_kind(kind).count(), "no {} is left", kind.name());
        }
        if film.of_kind(TrackKind::Audio).any(|track| track.is_main()) {
            prop_assert!(after.of_kind(TrackKind::Audio).any(|track| track.is_main()), "only commentaries are left");
        }
        prop_assert!(!after.tracks.is_empty(), "nothing is left");
        check_steps(&film, &verdict)?;
    }
}

/// Every step names what is there, once, and changes something; every track is accounted for.
fn check_steps(
    film: &vpo_plugin_sdk::facts::Facts,
    verdict: &vpo_plugin_sdk::policy::Verdict,
) -> Result<(), TestCaseError> {
    let mut seen = kinds(verdict);
    let count = seen.len();
    seen.sort();
    seen.dedup();
    prop_assert_eq!(seen.len(), count, "a step is asked for twice");

    let removed: Vec<u32> = verdict
        .steps
        .iter()
        .filter_map(|step| match step.action {
            Action::RemoveTrack(track) => Some(track),
            _ => None,
        })
        .collect();
    for (index, step) in verdict.steps.iter().enumerate() {
        prop_assert!(step.reason.node.is_some() && step.reason.text.ends_with('.'), "{:?}", step.reason);
        let mut without = verdict.clone();
        without.steps.remove(index);
        // MP4 marks a default by itself where nobody does, and it is right to ask for it all the same.
        let by_itself = is_isobmff(&film.container)
            && matches!(&step.action, Action::SetFlag(set) if set.flag == TrackFlag::Default);
        prop_assert!(
            by_itself || outcome(film, &without) != outcome(film, verdict),
            "{:?} changes nothing",
            step.action
        );
        let track = match &step.action {
            Action::SetFlag(set) => Some(set.track),
            Action::SetLanguage(set) => Some(set.track),
            Action::SetTrackTitle(set) => Some(set.track),
            _ => None,
        };
        if let Some(track) = track {
            prop_assert!(film.find_track(track).is_some() && !removed.contains(&track), "{:?}", step.action);
        }
    }
    Ok(())
}
