//! What users want of rules, one story each.

use vpo_plugin_rules::Rules;
use vpo_plugin_sdk::about::OptionSpec;
use vpo_plugin_sdk::facts::{DynamicRange, Facts, Tag};
use vpo_plugin_sdk::policy::{Failure, Verdict};
use vpo_plugin_sdk::testing::{
    assert_at_rest, audio, chapter, evaluate, facts, file_tag, font, kinds, options, problems, subtitle, video,
};

fn verdict(written: &str, film: &Facts) -> Verdict {
    let verdict = evaluate::<Rules>(written, film).unwrap();
    assert_at_rest::<Rules>(&options::<Rules>(written), film, &verdict);
    for step in &verdict.steps {
        assert!(step.reason.text.ends_with('.'), "a reason is a sentence: {}", step.reason.text);
        assert!(step.reason.node.is_some(), "a reason names its option: {}", step.reason.text);
    }
    verdict
}

fn steps(written: &str, film: &Facts) -> Vec<String> {
    kinds(&verdict(written, film))
}

/// Whether a condition holds, told by whether the rule warns.
fn holds(condition: &str, film: &Facts) -> bool {
    let written = format!("rule \"r\" {{ when {{ {condition}; }}; then {{ warn \"yes\"; }}; }}");
    verdict(&written, film).warnings == ["yes"]
}

fn refusal(written: &str, film: &Facts) -> String {
    match evaluate::<Rules>(written, film) {
        Err(Failure::Refused(text)) => text,
        other => panic!("should refuse: {other:?}"),
    }
}

#[test]
fn a_foreign_film_gets_its_subtitle_forced() {
    let written = r#"
        rule "foreign film" {
            when {
                exists "audio" language="jpn" default=#true
                not { exists "subtitle" forced=#true; }
            }
            then { set-flag "subtitle" "forced" language="eng" first=#true; }
        }
    "#;
    let foreign = facts([video("h264"), audio("ja").default(), subtitle("en"), subtitle("en")]);
    let own = facts([video("h264"), audio("en").default(), audio("ja"), subtitle("en")]);

    assert_eq!(steps(written, &foreign), ["set-flag 2 forced=true"]);
    assert_eq!(steps(written, &own), Vec::<String>::new());
}

#[test]
fn else_is_followed_when_the_condition_does_not_hold() {
    let written = r#"
        rule "mark" {
            when { exists "video" height=">=2160"; }
            then { set-tag "QUALITY" "UHD"; }
            else { set-tag "QUALITY"; }
        }
    "#;
    let large = facts([video("hevc").size(3840, 2160)]);
    let mut small = facts([video("h264")]);
    small.tags = vec![file_tag("Quality", "UHD")];

    assert_eq!(steps(written, &large), ["set-tag QUALITY UHD"]);
    assert_eq!(steps(written, &small), ["set-tag Quality -"]);
}

#[test]
fn of_first_match_only_the_first_rule_that_holds_is_followed() {
    let rules = r#"
        rule "a" { when { exists "audio" channels=">2"; }; then { warn "surround"; }; }
        rule "b" { when { exists "audio"; }; then { warn "sound"; }; }
        rule "c" { when { exists "subtitle"; }; then { warn "text"; }; else { warn "nothing"; }; }
    "#;
    let film = facts([video("h264"), audio("en").channels(6)]);

    assert_eq!(verdict(&format!("match \"first\"\n{rules}"), &film).warnings, ["surround"]);
    assert_eq!(verdict(&format!("match \"all\"\n{rules}"), &film).warnings, ["surround", "sound", "nothing"]);
    assert_eq!(verdict(rules, &film).warnings, ["surround", "sound", "nothing"]);
}

#[test]
fn a_rule_sees_what_the_rules_before_it_made() {
    let written = r#"
        rule "guess" { then { set-language "audio" "eng" language="und"; }; }
        rule "flag" { when { exists "audio" language="eng"; }; then { set-flag "audio" "default" language="eng" first=#true; }; }
    "#;

    assert_eq!(steps(written, &facts([video("h264"), audio("und")])), ["set-language 1 en", "set-flag 1 default=true"]);
}

#[test]
fn one_default_is_cleared_and_another_set_in_the_same_rule() {
    let written = r#"
        rule "japanese first" {
            when { exists "audio" language="jpn"; }
            then {
                set-flag "audio" "default" #false
                set-flag "audio" "default" #true language="jpn" first=#true
            }
        }
    "#;
    let film = facts([video("h264"), audio("en").default(), audio("ja"), audio("ja").default()]);

    assert_eq!(
        steps(written, &film),
        ["set-flag 1 default=false", "set-flag 2 default=true", "set-flag 3 default=false"]
    );
}

#[test]
fn titles_are_set_and_removed() {
    let written = r#"
        rule "titles" {
            then {
                set-track-title "audio" title="*rip*"
                set-track-title "audio" "Director's commentary" commentary=#true
                set-title "Heat"
            }
        }
    "#;
    let film = facts([video("h264").title("rip"), audio("en").title("great rip"), audio("en").commentary()]);

    assert_eq!(
        steps(written, &film),
        ["set-track-title 1 -", "set-track-title 2 Director's commentary", "set-title Heat"]
    );
}

#[test]
fn tracks_are_removed_but_never_the_last_picture_or_sound() {
    let film = facts([
        video("h264"),
        audio("en").codec("ac3"),
        audio("en").codec("ac3"),
        audio("en").commentary(),
        subtitle("en"),
        subtitle("fr"),
    ]);

    assert_eq!(
        steps(
            "rule \"r\" { then { remove-track \"audio\" codec=\"ac3\"; remove-track \"subtitle\" language=\"fra\"; }; }",
            &film
        ),
        ["remove-track 1", "remove-track 5"]
    );
    let all = verdict("rule \"r\" { then { remove-track \"any\"; }; }", &film);
    assert_eq!(kinds(&all), ["remove-track 1", "remove-track 3", "remove-track 4", "remove-track 5"]);
    let texts: Vec<_> = all.left_alone.iter().map(|left| left.reason.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "The rule \"r\" holds: it would be removed, but it is the last video track.",
            "The rule \"r\" holds: it would be removed, but it is the last audio track."
        ]
    );
}

#[test]
fn texts_fit_regular_expressions_and_pictures_have_names_of_sizes() {
    let film = facts([video("h264").size(1920, 800), audio("en").title("Cast & Crew")]);

    for condition in [
        "file name=\"/^film\\\\.mk[v3]$/\"",
        "exists \"audio\" title=\"/\\\\b(cast|director)\\\\b/\"",
        "exists \"video\" resolution=\"1080p\"",
        "exists \"video\" resolution=\">=720p\" codec=\"/26[45]/\"",
    ] {
        assert!(holds(condition, &film), "should hold: {condition}");
    }
    for condition in
        ["file name=\"/^mkv/\"", "exists \"video\" resolution=\"4k\"", "exists \"audio\" resolution=\"<8k\""]
    {
        assert!(!holds(condition, &film), "should not hold: {condition}");
    }
    let wrong = problems::<Rules>("rule \"r\" { when { file name=\"/(/\"; }; then { warn \"x\"; }; }");
    assert!(wrong.len() == 1 && wrong[0].contains("regular expression"), "{wrong:?}");
}

#[test]
fn a_rule_gives_a_file_up_or_skips_the_policies_after_it() {
    let film = facts([video("h264")]);

    assert_eq!(
        refusal("rule \"sound\" { when { count \"audio\" 0; }; then { fail \"there is no sound\"; }; }", &film),
        "there is no sound (rule \"sound\")"
    );
    let verdict =
        verdict("rule \"a\" { then { skip \"not ours\"; }; }\nrule \"b\" { then { warn \"never seen\"; }; }", &film);
    assert_eq!(verdict.stop.as_deref(), Some("not ours"));
    assert_eq!(verdict.warnings, Vec::<String>::new());
}

#[test]
fn rules_that_would_act_on_their_own_outcome_are_refused_by_name() {
    let film = facts([video("h264"), audio("en").default()]);
    let written = r#"
        rule "swing" {
            when { exists "audio" default=#true; }
            then { set-flag "audio" "default" #false; }
            else { set-flag "audio" "default" #true; }
        }
    "#;

    assert_eq!(
        refusal(written, &film),
        "the rules do not come to rest: \"swing\" would change the file again after all of them were followed"
    );
}

#[test]
fn conditions_compare_every_fact_of_a_track() {
    let range = DynamicRange::Hdr10;
    let film = facts([
        video("hevc").size(3840, 1600).dynamic_range(range),
        audio("pt-BR").codec("truehd").channels(8).bit_rate(3_000_000).title("Lost in Space - Stereo"),
        subtitle("en").codec("ass").title("Forced"),
    ]);

    for condition in [
        "exists \"video\" width=3840 height=\"<2160\" dynamic-range=\"hdr\"",
        "exists \"video\" frame-rate=\"23..24\" interlaced=#false bit-depth=8 rotation=0",
        "exists \"audio\" language=\"por\" codec=\"true*\" channels=\">6\" bit-rate=\">2M\" sample-rate=48000",
        "exists \"audio\" title-word=\"stereo\" titled=#true enabled=#true default=#false",
        "exists \"subtitle\" form=\"styled-text\" forced=#true",
        "exists \"any\" title=\"*SPACE*\"",
        "count \"any\" 3",
        "count \"audio\" \"1..2\"",
        "count \"other\" 0",
    ] {
        assert!(holds(condition, &film), "should hold: {condition}");
    }
    for condition in [
        "exists \"audio\" title-word=\"ost\"",
        "exists \"video\" dynamic-range=\"hlg\"",
        "exists \"audio\" duration=\">0\"",
        "exists \"audio\" profile=\"*\"",
        "exists \"audio\" height=\">0\"",
        "exists \"subtitle\" commentary=#true",
        "count \"audio\" \">1\"",
    ] {
        assert!(!holds(condition, &film), "should not hold: {condition}");
    }
}

#[test]
fn conditions_compare_the_file_its_name_tags_and_attachments() {
    let mut film = facts([video("h264"), audio("en")]);
    film.title = Some("Heat".into());
    film.tags = vec![
        file_tag("RATING", "7.5"),
        Tag { track: Some(1), name: "BPS".into(), value: "192000".into(), language: None },
    ];
    film.attachments = vec![font(0, "a.ttf")];
    film.chapters = vec![chapter(0)];

    for condition in [
        "file container=\"matroska\" size=\">3GiB\"",
        "file duration=\">1h\" name=\"film.mkv\" title=\"h*\" tracks=2 chapters=\">0\" attachments=1 warnings=0",
        "file partial=#false",
        "tag \"rating\" number=\">=7\"",
        "tag \"RATING\" value=\"7*\"",
        "tag \"BPS\" of=\"audio\" number=\">128k\"",
        "attachment media-type=\"font/*\" cover=#false size=\"<1MiB\"",
    ] {
        assert!(holds(condition, &film), "should hold: {condition}");
    }
    for condition in [
        "file container=\"mp4\"",
        "file writing-application=\"*\"",
        "file name=\"other*\"",
        "tag \"BPS\"",
        "tag \"BPS\" of=\"video\"",
        "tag \"RATING\" number=\">8\"",
        "attachment cover=#true",
    ] {
        assert!(!holds(condition, &film), "should not hold: {condition}");
    }
}

#[test]
fn conditions_nest_as_deep_as_one_likes() {
    let film = facts([video("h264"), audio("en")]);
    let deep = "all { any { exists \"subtitle\"; not { any { exists \"subtitle\"; all { exists \"audio\"; not { exists \"video\"; }; }; }; }; }; exists \"audio\"; }";

    assert!(holds(deep, &film));
    assert!(!holds(&format!("not {{ {deep}; }}"), &film));
}

#[test]
fn the_specifications_of_conditions_end_though_conditions_nest() {
    let specs: Vec<OptionSpec> = vpo_plugin_sdk::options::describe::<Rules>();
    let of = |name: &str| specs.iter().position(|spec| spec.name == name).unwrap() as u32;

    assert!(specs.len() < 40, "{}", specs.len());
    assert_eq!(specs[of("all") as usize].children_of, Some(of("when")));
    assert_eq!(specs[of("else") as usize].children_of, Some(of("then")));
}

#[test]
fn a_reason_tells_the_rule_and_what_it_saw() {
    let film = facts([video("h264"), audio("ja")]);
    let verdict = verdict(
        "rule \"r\" { when { count \"audio\" 1; exists \"audio\" language=\"jpn\"; }; then { set-flag \"audio\" \"default\"; }; }",
        &film,
    );
    let reason = &verdict.steps[0].reason;

    assert_eq!(reason.text, "The rule \"r\" holds: the default flag is to be set.");
    assert_eq!(reason.node, Some(5));
    let inputs: Vec<_> = reason.inputs.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(inputs, ["count audio", "exists audio"]);
}

#[test]
fn what_holds_not_and_what_is_right_already_is_told() {
    let film = facts([video("h264"), audio("ja").default()]);
    let written = r#"
        rule "a" { when { exists "subtitle"; }; then { warn "no"; }; }
        rule "b" { then { set-flag "audio" "default"; }; }
    "#;
    let texts: Vec<_> = verdict(written, &film).left_alone.into_iter().map(|left| left.reason.text).collect();

    assert_eq!(
        texts,
        ["The condition of the rule \"a\" does not hold.", "The rule \"b\" holds: its default flag is as wanted."]
    );
}

#[test]
fn rules_that_cannot_mean_what_they_say_are_told() {
    let one = |written: &str| problems::<Rules>(written);
    let then = "then { warn \"x\"; }";

    assert_eq!(one(""), ["`rule` is missing"]);
    assert_eq!(one("rule \"a\""), ["`then` is missing"]);
    assert_eq!(one(&format!("rule \"a\" {{ when {{ }}; {then}; }}")), ["`when` has no condition inside"]);
    assert_eq!(
        one(&format!("rule \"a\" {{ when {{ not {{ exists \"audio\"; exists \"video\"; }}; }}; {then}; }}")).len(),
        1
    );
    assert_eq!(one(&format!("rule \"a\" {{ when {{ file; }}; {then}; }}")).len(), 1);
    assert_eq!(
        one(&format!("rule \"a\" {{ {then}; }}; rule \"a\" {{ {then}; }}")),
        ["another rule has this name already"]
    );
    assert_eq!(one(&format!("match \"first\"; rule \"a\" {{ {then}; }}; rule \"b\" {{ {then}; }}")).len(), 1);
    assert_eq!(one("rule \"a\" { then { set-flag \"audio\" \"forcd\"; set-title \"\"; }; }").len(), 1);
    assert_eq!(one("rule \"a\" { then { set-title \"\"; }; }").len(), 1);
    assert_eq!(one(&format!("rule \"a\" {{ when {{ count \"audio\" \"lots\"; }}; {then}; }}")).len(), 1);
    assert_eq!(one(&format!("rule \"a\" {{ when {{ all {{ exist \"audio\"; }}; }}; {then}; }}")).len(), 1);
}
