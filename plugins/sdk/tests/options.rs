//! One declaration gives the specifications of options and their reading.

use vpo_plugin_sdk::Plugin;
use vpo_plugin_sdk::about::ValueKind;
use vpo_plugin_sdk::languages::Language;
use vpo_plugin_sdk::options::{Choice, Comparison, OneOf, Options, describe, parse};
use vpo_plugin_sdk::testing::{options, problems};
use vpo_plugin_sdk::types::Value;

#[derive(Options, Debug, PartialEq)]
struct Wishes {
    /// Which tracks stay.
    #[child]
    keep: Option<Keep>,
    /// What happens in which order.
    #[any_of]
    moves: Vec<Move>,
    /// One thing
    /// in two lines.
    #[children(name = "thing")]
    things: Vec<Thing>,
}

#[derive(Options, Debug, PartialEq)]
struct Keep {
    /// Best first.
    #[arguments(required)]
    languages: Vec<Language>,
    #[property(default = Fallback::KeepAll)]
    fallback: Fallback,
    #[property(default = 2)]
    at_least: u32,
    #[property]
    height: Option<Comparison>,
    #[node]
    node: Option<u32>,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq)]
enum Fallback {
    Error,
    KeepAll,
}

#[derive(OneOf, Debug, PartialEq)]
enum Move {
    /// Goes up.
    Up(Amount),
    /// Goes down.
    Down(Amount),
    /// Several at once.
    Group(Group),
}

#[derive(Options, Debug, PartialEq)]
struct Amount {
    #[argument]
    by: i64,
}

#[derive(Options, Debug, PartialEq)]
struct Group {
    #[any_of]
    moves: Vec<Move>,
}

#[derive(Options, Debug, PartialEq)]
struct Thing {
    #[argument]
    name: String,
    #[argument(default = 1.5)]
    weight: f64,
    #[flatten]
    look: Look,
}

#[derive(Options, Debug, PartialEq)]
struct Look {
    #[property(name = "is-round", default = false)]
    round: bool,
    #[child]
    keep: Option<Keep>,
}

struct Wishful;

impl Plugin for Wishful {
    const NAME: &'static str = "wishful";
    const VERSION: &'static str = "1.0.0";
    const SUMMARY: &'static str = "Wishes";
    type Options = Wishes;
}

fn read(text: &str) -> Wishes {
    parse(&options::<Wishful>(text)).unwrap()
}

#[test]
fn what_is_written_is_read_and_what_is_not_has_its_default() {
    let wishes = read(
        "up 1; keep \"deu\" \"pt-br\" at-least=3 height=\">=720\"; thing \"ball\" is-round=#true; thing \"box\" 2",
    );

    let keep = wishes.keep.unwrap();
    assert_eq!(keep.languages, [Language::new("de"), Language::new("pt-BR")]);
    assert_eq!((keep.fallback, keep.at_least, keep.node), (Fallback::KeepAll, 3, Some(1)));
    assert_eq!(keep.height, Some(Comparison::GreaterOrEqual(720.0)));
    let things: Vec<_> =
        wishes.things.iter().map(|thing| (thing.name.as_str(), thing.weight, thing.look.round)).collect();
    assert_eq!(things, [("ball", 1.5, true), ("box", 2.0, false)]);
}

#[test]
fn one_of_several_nodes_keeps_the_order_in_which_they_stand() {
    let wishes = read("up 1; down 2; group { down 3; group { up 4; }; }; up 5");

    assert_eq!(
        format!("{:?}", wishes.moves),
        "[Up(Amount { by: 1 }), Down(Amount { by: 2 }), Group(Group { moves: [Down(Amount { by: 3 }), \
         Group(Group { moves: [Up(Amount { by: 4 })] })] }), Up(Amount { by: 5 })]"
    );
}

#[test]
fn the_specifications_say_what_the_declaration_says() {
    let specs = describe::<Wishes>();
    let names: Vec<_> = specs.iter().map(|spec| (spec.name.as_str(), spec.parent, spec.children_of)).collect();

    assert_eq!(
        names,
        [
            ("keep", None, None),
            ("up", None, None),
            ("down", None, None),
            ("group", None, None),
            ("up", Some(3), None),
            ("down", Some(3), None),
            ("group", Some(3), Some(3)),
            ("thing", None, None),
            ("keep", Some(7), None),
        ]
    );
    let keep = &specs[0];
    assert!(!keep.required && !keep.repeats && specs[1].repeats);
    assert_eq!(keep.summary, "Which tracks stay.");
    assert_eq!(specs[7].summary, "One thing in two lines.");
    assert_eq!(keep.arguments[0].kind, ValueKind::Language);
    assert!(keep.arguments[0].required && keep.arguments[0].repeats);
    assert_eq!(keep.properties[0].choices, ["error", "keep-all"]);
    assert_eq!(keep.properties[0].default, Some(Value::Text("keep-all".into())));
    assert_eq!((keep.properties[1].name.as_str(), keep.properties[1].kind), ("at-least", ValueKind::Integer));
    assert_eq!(keep.properties[2].kind, ValueKind::Any);
    assert_eq!(specs[7].properties[0].name, "is-round");
}

#[test]
fn every_mistake_is_told_and_names_its_node() {
    let text = "keep 1 fallback=\"maybe\" colour=2; keep \"en\"; up; down \"much\"; sideways; thing \"x\" { keep; }";
    let nodes = options::<Wishful>(text);
    let found = vpo_plugin_sdk::plugin::check::<Wishful>(&nodes);

    let mut places: Vec<_> = found.iter().map(|problem| problem.node.unwrap()).collect();
    places.sort_unstable();
    assert_eq!(places, [0, 0, 0, 1, 2, 3, 4, 6], "{found:#?}");
}

#[test]
fn what_only_the_reading_can_find_is_told_too() {
    assert_eq!(
        problems::<Wishful>("keep \"en\" height=\"tall\" at-least=-1"),
        [
            "at-least must be a whole number from 0 to 4294967295",
            "height must be a number, or a comparison such as \">=6\", \"<2GiB\" or \"2..6\""
        ]
    );
    assert_eq!(problems::<Wishful>("keep \"en\""), Vec::<String>::new());
}
