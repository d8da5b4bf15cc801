//! Whatever the rules and whatever the file: they come to rest or are refused, and never take the sound or the picture away.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use vpo_plugin_rules::Rules;
use vpo_plugin_sdk::Policy;
use vpo_plugin_sdk::options::{parse, validate};
use vpo_plugin_sdk::outcome::outcome;
use vpo_plugin_sdk::plugin::check;
use vpo_plugin_sdk::policy::Failure;
use vpo_plugin_sdk::testing::random::any_facts;
use vpo_plugin_sdk::testing::{assert_at_rest, context, options};
use vpo_plugin_sdk::tracks::{FactsExt, TrackKind};

fn test() -> impl Strategy<Value = String> {
    let property = select(vec![
        " language=\"eng\"",
        " language=\"und\"",
        " codec=\"a*\"",
        " codec=\"/s/\"",
        " channels=\">2\"",
        " title=\"/^s|e/\"",
        " titled=#true",
        " commentary=#true",
        " commentary=#false",
        " music=#true",
        " forced=#true",
        " default=#true",
        " default=#false",
        " resolution=\">=720p\"",
    ]);
    vec(property, 0..3).prop_map(|some| some.concat())
}

fn kind() -> impl Strategy<Value = &'static str> {
    select(vec!["video", "audio", "subtitle", "any"])
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (kind(), test()).prop_map(|(kind, test)| format!("exists \"{kind}\"{test}; ")),
        (kind(), select(vec!["0", "1", "\">1\"", "\"<3\""]), test())
            .prop_map(|(kind, number, test)| format!("count \"{kind}\" {number}{test}; ")),
        select(vec![
            "file container=\"mp4\"; ",
            "file title=\"*\" chapters=\">0\"; ",
            "tag \"KIND\"; ",
            "tag \"genre\" value=\"f*\"; ",
            "attachment cover=#true; ",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("not {{ {one} }}; ")),
            (select(vec!["all", "any"]), vec(inner, 1..3))
                .prop_map(|(word, some)| format!("{word} {{ {} }}; ", some.concat())),
        ]
    })
}

fn action() -> impl Strategy<Value = String> {
    let flags = select(vec!["default", "forced", "commentary", "original", "enabled", "hearing-impaired"]);
    let first = select(vec!["", "", " first=#true"]);
    prop_oneof![
        3 => (kind(), flags, any::<bool>(), test(), first.clone())
            .prop_map(|(kind, flag, value, test, first)| format!("set-flag \"{kind}\" \"{flag}\" #{value}{test}{first}; ")),
        2 => (kind(), select(vec!["eng", "jpn", "und"]), test(), first)
            .prop_map(|(kind, language, test, first)| format!("set-language \"{kind}\" \"{language}\"{test}{first}; ")),
        2 => (kind(), select(vec!["", " \"Commentary\"", " \"x\""]), test())
            .prop_map(|(kind, title, test)| format!("set-track-title \"{kind}\"{title}{test}; ")),
        3 => (kind(), test()).prop_map(|(kind, test)| format!("remove-track \"{kind}\"{test}; ")),
        1 => select(vec!["set-title \"A film\"; ", "set-title; ", "set-tag \"KIND\" \"film\"; ", "set-tag \"Genre\"; "])
            .prop_map(str::to_owned),
        1 => select(vec!["warn \"w\"; ", "skip \"s\"; ", "fail \"f\"; "]).prop_map(str::to_owned),
    ]
}

fn rules() -> impl Strategy<Value = String> {
    let rule = (
        prop::option::weighted(0.8, vec(condition(), 1..3)),
        vec(action(), 1..4),
        prop::option::weighted(0.3, vec(action(), 1..3)),
    );
    (select(vec!["", "match \"all\"\n", "match \"first\"\n"]), vec(rule, 1..4)).prop_map(|(matching, rules)| {
        let mut text = matching.to_owned();
        for (number, (when, then, otherwise)) in rules.into_iter().enumerate() {
            text.push_str(&format!("rule \"{number}\" {{\n"));
            if let Some(when) = when {
                text.push_str(&format!("when {{ {} }}\n", when.concat()));
            }
            text.push_str(&format!("then {{ {} }}\n", then.concat()));
            if let Some(otherwise) = otherwise {
                text.push_str(&format!("else {{ {} }}\n", otherwise.concat()));
            }
            text.push_str("}\n");
        }
        text
    })
}

const CASES: u32 = 2_048;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, max_global_rejects: CASES * 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_come_to_rest_or_are_refused(written in rules(), film in any_facts()) {
        let nodes = options::<Rules>(&written);
        prop_assert_eq!(validate(&vpo_plugin_sdk::options::describe::<Rules>(), &nodes), vec![], "{}", written);
        prop_assume!(check::<Rules>(&nodes).is_empty());
        let options: Rules = parse(&nodes).unwrap();
        let verdict = match Rules::evaluate(&options, &context(), &film) {
            Ok(verdict) => verdict,
            Err(Failure::Refused(_)) => return Ok(()),
            Err(Failure::Unsupported(why)) => return Err(TestCaseError::fail(why)),
        };

        prop_assert_eq!(&Rules::evaluate(&options, &context(), &film).unwrap(), &verdict);
        assert_at_rest::<Rules>(&nodes, &film, &verdict);
        let after = outcome(&film, &verdict);
        for kind in [TrackKind::Video, TrackKind::Audio] {
            prop_assert!(film.of_kind(kind).count().min(1) <= after.of_kind(kind).count(), "no {} is left", kind.name());
        }
        prop_assert!(!after.tracks.is_empty(), "nothing is left");
        for step in &verdict.steps {
            prop_assert!(step.reason.node.is_some() && step.reason.text.ends_with('.'), "{:?}", step.reason);
        }
    }
}
