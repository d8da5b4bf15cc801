use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::arbitrary::{self, step};
use super::*;
use crate::media::{Details, Facts, Language, TrackKind};

fn ids(facts: &Facts) -> Vec<u32> {
    facts.tracks.iter().map(|track| track.id).collect()
}

/// One video, English and Japanese audio, an English subtitle.
fn film() -> Facts {
    use crate::media::{Audio, Subtitle, Video};
    let kinds = [
        (Details::Video(Video::default()), "h264", "und"),
        (Details::Audio(Audio { channels: 6, ..Audio::default() }), "ac3", "en"),
        (Details::Audio(Audio { channels: 2, ..Audio::default() }), "aac", "ja"),
        (Details::Subtitle(Subtitle::default()), "subrip", "en"),
    ];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let plain = arbitrary::track().new_tree(&mut runner).unwrap().current();
    let tracks = kinds
        .into_iter()
        .zip(0..)
        .map(|((details, codec, language), id)| crate::media::Track {
            id,
            details,
            codec: codec.to_owned(),
            language: Language::from_file(language),
            title: None,
            flags: crate::media::Flags::default(),
            ..plain.clone()
        })
        .collect();
    Facts { container: "matroska".to_owned(), duration_ns: Some(1), tracks, ..Facts::default() }
}

fn planned(facts: &Facts, verdicts: Vec<Vec<Action>>) -> Result<Plan, StepError> {
    let mut planner = Planner::new(facts);
    for (place, actions) in verdicts.into_iter().enumerate() {
        let policy = format!("p{place}");
        let steps = actions.into_iter().map(|action| step(&policy, action)).collect();
        planner.add(&policy, Verdict { steps, ..Verdict::default() })?;
    }
    Ok(planner.finish())
}

#[test]
fn a_difference_is_told_in_the_words_of_a_person() {
    let (mut expected, mut found) = (film(), film());
    expected.tracks[3].title = Some("English SDH".to_owned());
    found.tracks[3].flags.forced = true;
    expected.duration_ns = Some(90_000_000_000);

    let said = differences(&expected, &found);

    let words = [
        "duration: 90.000 s expected, 0.000 s found",
        "subtitle 3 title: \"English SDH\" expected, none found",
        "subtitle 3 forced: off expected, on found",
    ];
    assert_eq!(said, words);
}

fn mistake(facts: &Facts, actions: Vec<Action>) -> StepMistake {
    planned(facts, vec![actions]).unwrap_err().mistake
}

proptest! {
    #[test]
    fn a_plan_of_many_policies_leads_where_they_led_one_by_one(
        facts in arbitrary::facts(),
        choices in prop::collection::vec(prop::collection::vec(any::<u8>(), 40..80), 1..4),
    ) {
        let mut planner = Planner::new(&facts);
        for choices in &choices {
            let verdict = arbitrary::verdict(planner.facts(), choices);
            planner.add("random", verdict).unwrap();
        }
        let mut step_by_step = planner.facts().clone();
        container::settle(&mut step_by_step);

        let plan = planner.finish();
        let at_once = plan.applied_to(&facts).unwrap();

        prop_assert_eq!(differences(&step_by_step, &at_once), Vec::<String>::new());
        prop_assert_eq!(ids(&step_by_step), ids(&at_once));
    }

    #[test]
    fn every_step_of_a_plan_is_needed(facts in arbitrary::facts(), choices in prop::collection::vec(any::<u8>(), 40..80)) {
        let mut planner = Planner::new(&facts);
        planner.add("random", arbitrary::verdict(&facts, &choices)).unwrap();
        let plan = planner.finish();
        let whole = plan.applied_to(&facts).unwrap();

        for left_out in 0..plan.steps.len() {
            let mut shorter = plan.clone();
            shorter.steps.remove(left_out);
            // Leaving out a removal makes the order incomplete, which is refused.
            let Ok(after) = shorter.applied_to(&facts) else { continue };
            prop_assert!(!differences(&whole, &after).is_empty() || ids(&whole) != ids(&after));
        }
    }

    #[test]
    fn what_was_planned_twice_is_planned_empty(facts in arbitrary::facts(), choices in prop::collection::vec(any::<u8>(), 40..80)) {
        let mut planner = Planner::new(&facts);
        planner.add("random", arbitrary::verdict(&facts, &choices)).unwrap();
        let plan = planner.finish();
        let after = plan.applied_to(&facts).unwrap();

        let metadata = plan.steps.iter().filter(|step| step.action.kind().is_metadata_edit() || step.action.kind() == ActionKind::Reorder);
        let mut again = Planner::new(&after);
        again.add("random", Verdict { steps: metadata.cloned().collect(), ..Verdict::default() }).unwrap();

        prop_assert!(again.finish().is_empty());
    }

    #[test]
    fn a_saved_plan_is_the_same_plan(facts in arbitrary::facts(), choices in prop::collection::vec(any::<u8>(), 40..80)) {
        let mut planner = Planner::new(&facts);
        planner.add("random", arbitrary::verdict(&facts, &choices)).unwrap();
        let plan = planner.finish();

        let loaded: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();

        prop_assert_eq!(loaded, plan);
    }
}

#[test]
fn a_step_that_a_later_policy_takes_back_is_not_planned() {
    let set = |value| Action::SetFlag { track: 1, flag: TrackFlag::Forced, value };

    let plan = planned(&film(), vec![vec![set(true)], vec![set(false)]]).unwrap();

    assert!(plan.is_empty());
}

#[test]
fn the_last_policy_to_set_something_is_the_reason_for_it() {
    let title = |title: &str| Action::SetTrackTitle { track: 1, title: Some(title.to_owned()) };

    let plan = planned(&film(), vec![vec![title("one")], vec![title("two")]]).unwrap();

    assert_eq!(plan.steps, [step("p1", title("two"))]);
}

#[test]
fn changes_of_a_track_that_is_removed_later_are_not_planned() {
    let title = Action::SetTrackTitle { track: 2, title: Some("gone".to_owned()) };

    let plan = planned(&film(), vec![vec![title], vec![Action::RemoveTrack { track: 2 }]]).unwrap();

    assert_eq!(plan.steps, [step("p1", Action::RemoveTrack { track: 2 })]);
}

#[test]
fn an_order_is_renewed_when_a_later_policy_removes_a_track() {
    let order = Action::Reorder { tracks: vec![0, 2, 1, 3] };

    let plan = planned(&film(), vec![vec![order], vec![Action::RemoveTrack { track: 3 }]]).unwrap();

    assert!(plan.actions().any(|action| *action == Action::Reorder { tracks: vec![0, 2, 1] }));
}

#[test]
fn steps_that_cannot_be_meant_are_refused() {
    let film = film();
    let forced = |track| Action::SetFlag { track, flag: TrackFlag::Forced, value: true };

    assert_eq!(mistake(&film, vec![forced(9)]), StepMistake::UnknownTrack { track: 9 });
    assert_eq!(mistake(&film, vec![forced(1), forced(1)]), StepMistake::Repeated);
    assert_eq!(
        mistake(&film, vec![forced(1), Action::RemoveTrack { track: 1 }]),
        StepMistake::RemovedTrack { track: 1 }
    );
    assert_eq!(mistake(&film, vec![Action::Reorder { tracks: vec![0, 1, 2] }]), StepMistake::NotAPermutation);
    assert_eq!(mistake(&film, vec![Action::Reorder { tracks: vec![0, 1, 2, 2] }]), StepMistake::NotAPermutation);
    assert_eq!(
        mistake(&film, vec![Action::RemoveAttachment { attachment: 0 }]),
        StepMistake::UnknownAttachment { attachment: 0 }
    );
    assert_eq!(
        mistake(&film, vec![Action::SetLanguage { track: 1, language: "??".to_owned() }]),
        StepMistake::InvalidLanguage { language: "??".to_owned() }
    );
    for path in ["/etc/passwd", "../up.mkv", "a/../b.mkv", "", "folder/"] {
        assert_eq!(
            mistake(&film, vec![Action::MoveFile { path: path.to_owned() }]),
            StepMistake::InvalidPath { path: path.to_owned() }
        );
    }
}

#[test]
fn a_language_that_is_only_spelt_differently_is_not_changed() {
    let plan = planned(&film(), vec![vec![Action::SetLanguage { track: 1, language: "eng".to_owned() }]]).unwrap();

    assert!(plan.is_empty());
}

#[test]
fn what_is_not_allowed_is_refused_by_policy_and_kind() {
    let plan = planned(&film(), vec![vec![Action::RemoveTrack { track: 2 }]]).unwrap();

    let refusal = plan.check(&film(), &Grants::default(), &Safeguards::default()).unwrap_err();

    assert_eq!(refusal, Refusal::NotGranted { policy: "p0".to_owned(), kind: ActionKind::RemoveTrack });
}

#[test]
fn metadata_edits_need_no_grant() {
    let plan = planned(&film(), vec![vec![Action::SetTitle { title: Some("Film".to_owned()) }]]).unwrap();

    assert!(plan.check(&film(), &Grants::default(), &Safeguards::default()).is_ok());
}

#[test]
fn the_last_video_and_the_last_audio_stay() {
    let film = film();
    let remove = |tracks: &[u32]| {
        let actions = tracks.iter().map(|track| Action::RemoveTrack { track: *track }).collect();
        planned(&film, vec![actions]).unwrap()
    };
    let check = |plan: Plan| plan.check(&film, &Grants::everything(), &Safeguards::default());

    assert_eq!(check(remove(&[0])).unwrap_err(), Refusal::NoneLeft { kind: TrackKind::Video });
    assert_eq!(check(remove(&[1, 2])).unwrap_err(), Refusal::NoneLeft { kind: TrackKind::Audio });
    assert!(check(remove(&[1])).is_ok());
}

#[test]
fn the_last_track_of_a_wanted_language_stays_unless_the_profile_lets_it_go() {
    let film = film();
    let plan = planned(&film, vec![vec![Action::RemoveTrack { track: 1 }]]).unwrap();
    let wanted = Safeguards { wanted_audio: vec!["en".to_owned()], ..Safeguards::default() };
    let relaxed = Safeguards { allow_last_of_language: true, ..wanted.clone() };

    assert_eq!(
        plan.check(&film, &Grants::everything(), &wanted).unwrap_err(),
        Refusal::LastOfLanguage { kind: TrackKind::Audio, language: "en".to_owned() }
    );
    assert!(plan.check(&film, &Grants::everything(), &relaxed).is_ok());
}

#[test]
fn a_file_is_not_put_into_a_container_that_cannot_hold_it() {
    let plan = planned(&film(), vec![vec![Action::ConvertContainer { container: "mp4".to_owned() }]]).unwrap();

    let refusal = plan.check(&film(), &Grants::everything(), &Safeguards::default()).unwrap_err();

    assert_eq!(
        refusal,
        Refusal::CannotHold { container: "mp4".to_owned(), what: "the subtitle track 3 in subrip".to_owned() }
    );
}

#[test]
fn a_plan_that_asks_for_more_on_its_outcome_never_rests() {
    let plan = planned(&film(), vec![vec![Action::SetTitle { title: Some("A".to_owned()) }]]).unwrap();
    let more = planned(&film(), vec![vec![Action::SetTitle { title: Some("B".to_owned()) }]]).unwrap();

    assert!(plan.check_rest(Plan::default()).is_ok());
    assert!(matches!(plan.check_rest(more.clone()), Err(Refusal::NotConvergent { .. })));
    assert!(matches!(plan.check_same(more), Err(Refusal::Nondeterministic { .. })));
}

#[test]
fn a_step_is_shown_as_one_flat_record() {
    let plan = planned(&film(), vec![vec![Action::RemoveTrack { track: 2 }]]).unwrap();

    assert_eq!(
        serde_json::to_value(&plan).unwrap(),
        serde_json::json!({
            "steps": [{"kind": "remove-track", "track": 2, "reason": "Because.", "policy": "p0"}],
            "warnings": [],
        })
    );
}

/// The film in MP4, as it is read there: of each kind the first track is chosen.
fn film_in_mp4() -> Facts {
    let mut facts = film();
    facts.container = "mp4".to_owned();
    for track in &mut facts.tracks {
        track.flags.default = track.id != 2;
        track.flags.enabled = track.flags.default;
    }
    facts
}

#[test]
fn mp4_shows_a_picture_and_plays_a_sound_where_nobody_chose_one() {
    let mut film = film();
    film.tracks[1].flags.original = true;
    film.tracks[3].codec = "mov_text".to_owned();
    let plan = planned(&film, vec![vec![Action::ConvertContainer { container: "mp4".to_owned() }]]).unwrap();

    let after = plan.applied_to(&film).unwrap();

    let chosen: Vec<bool> = after.tracks.iter().map(|track| track.flags.default).collect();
    assert_eq!(chosen, [true, true, false, false], "subtitles stay off");
    assert!(!after.tracks[1].flags.original, "MP4 has no place for it");
}

#[test]
fn what_mp4_would_undo_by_itself_is_not_planned() {
    let film = film_in_mp4();
    let clear = |track| Action::SetFlag { track, flag: TrackFlag::Default, value: false };

    assert!(planned(&film, vec![vec![clear(1)]]).unwrap().is_empty());
    assert!(!planned(&film, vec![vec![clear(3)]]).unwrap().is_empty(), "subtitles may be off");
    let plan = planned(&film, vec![vec![Action::RemoveTrack { track: 1 }]]).unwrap();
    assert!(plan.applied_to(&film).unwrap().tracks[1].flags.default, "the track that is left is chosen");
}

#[test]
fn a_track_that_is_only_not_chosen_in_mp4_is_enabled_in_matroska() {
    let film = film_in_mp4();
    let plan = planned(&film, vec![vec![Action::ConvertContainer { container: "matroska".to_owned() }]]).unwrap();

    let after = plan.applied_to(&film).unwrap();

    assert!(after.tracks.iter().all(|track| track.flags.enabled));
    assert!(!after.tracks[2].flags.default);
}
