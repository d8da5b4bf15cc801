//! Plugins that mean harm, in the real program: each trick has a named outcome, bounded memory, and the run goes on.
//!
//! Tricks that a compiler can write are options of the unruly plugins under `hostile/`; those that none would are made by
//! hand. In every home there is one file that is misused and one that is not; the second must come through.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use vpo::media::Facts;
use vpo::plan::Context;
use vpo::plugins::{Limits, Lock, Node, Plugins, types};
use vpo_tests::{Guest, Home, Outcome, component, component_text, film, reader};

/// Memory that no run of the program may exceed, whatever a plugin does: some plugins at once, a compiler, and room.
const MEMORY_MAX: u64 = 400 << 20;

/// What a trick comes to.
struct Trick {
    how: &'static str,
    /// Limits that make the test short.
    limits: &'static str,
    exit: i32,
    /// What is said of it.
    said: &'static str,
}

const fn trick(how: &'static str, exit: i32, said: &'static str) -> Trick {
    Trick { how, limits: "", exit, said }
}

const fn slow(how: &'static str, exit: i32, said: &'static str) -> Trick {
    let limits = "limits { evaluate-time \"500ms\"; read-time \"500ms\"; detect-time \"500ms\" }\n";
    Trick { how, limits, exit, said }
}

fn hostile(name: &str) -> PathBuf {
    component("hostile", name)
}

/// A home with a file that is misused and one that is not.
fn home() -> Home {
    let home = Home::new();
    home.put("Alien.mkv", &film("alien"));
    home.put("Bad.mkv", &film("heat"));
    home
}

fn profile(home: &Home, text: &str) {
    let library = home.films("").display().to_string();
    home.write("profiles/test.kdl", format!("library {library:?}\n{text}\n"));
}

/// Nothing of a guest reaches a terminal unseen, nothing is the host's own fault, and memory stays bounded.
#[track_caller]
fn is_contained(what: &str, outcome: &Outcome) {
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    let unseen = |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!said.contains(unseen), "{what} reached the terminal: {outcome}");
    assert!(!said.contains("panicked at host"), "{what}: {outcome}");
    assert!([0, 1, 2, 3].contains(&outcome.exit), "{what}: {outcome}");
    assert!(said.len() < 1 << 20, "{what} said {} bytes", said.len());
    let peak = vpo_tests::peak_memory_of_children();
    assert!(peak < MEMORY_MAX, "{what} took {} MiB", peak >> 20);
}

#[test]
fn case_52_an_unruly_policy_fails_its_file_by_its_name_and_the_other_file_has_its_plan() {
    for Trick { how, limits, exit, said } in [
        slow("loop", 1, "took longer than 500ms"),
        trick("memory", 1, "wanted more memory than 64 MiB"),
        trick("grow", 1, "wanted more memory than 64 MiB"),
        trick("panic", 1, "not today"),
        trick("stack", 1, "overflowed its stack"),
        trick("steps", 1, "wanted more memory than 64 MiB"),
        trick("text", 1, "handed over more than 16 MiB"),
        trick("long-title", 1, "a text of 1048576 bytes"),
        trick("unknown-track", 1, "track 999"),
        trick("other-tracks", 1, "track"),
        trick("twice", 1, "order"),
        trick("escape", 1, "outside"),
        trick("restless", 1, "rest"),
        trick("inputs", 0, "many"),
        trick("escapes", 0, "␛]0;owned␇Title"),
        trick("chatter", 0, ""),
        trick("moody", 0, ""),
        trick("well", 0, ""),
    ] {
        let home = home();
        profile(
            &home,
            &format!(
                "policy \"unruly-policy\" {{ behave {how:?} to=\"Bad\" }}\n\
                 allow \"remove-track\" \"reorder\" \"move-file\"\n{limits}"
            ),
        );
        home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
        home.vpo(["scan", "--profile", "test"]).exits(0);

        let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]);

        is_contained(how, &plan);
        let all = format!("{}{}", plan.stdout, plan.stderr);
        assert_eq!(plan.exit, exit, "{how}: {plan}");
        assert!(all.contains(said), "{how}: {plan}");
        assert!(exit == 0 || (all.contains("unruly-policy") && all.contains("Bad.mkv")), "{how}: {plan}");
        assert!(plan.stdout.contains("well behaved"), "{how} held up the other file: {plan}");
    }
}

#[test]
fn case_52_a_moody_policy_is_caught_before_anything_is_changed() {
    let home = home();
    profile(&home, "policy \"unruly-policy\" { behave \"moody\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    home.vpo(["scan", "--profile", "test"]).exits(0);
    let before = fs::read(home.films("Bad.mkv")).unwrap();

    let apply = home.vpo(["apply", "--profile", "test", "--yes"]);
    let check = home.vpo(["plugins", "check", "unruly-policy", "--profile", "test"]);

    is_contained("moody", &apply);
    assert_eq!(apply.exit, 1, "{apply}");
    assert!(before == fs::read(home.films("Bad.mkv")).unwrap(), "{apply}");
    assert_eq!(check.exit, 1, "{check}");
    assert!(check.stdout.contains("broken  it is deterministic"), "{check}");
}

#[test]
fn case_52_a_plugin_that_talks_without_end_is_heard_for_a_hundred_lines_of_each_call() {
    let home = home();
    profile(&home, "policy \"unruly-policy\" { behave \"chatter\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    home.vpo(["scan", "--profile", "test"]).exits(0);
    let log = home.folder().join("log").display().to_string();

    let plan =
        home.vpo(["apply", "--profile", "test", "--dry-run", "--log-level", "info", "--log-file", &log]).exits(0);

    is_contained("chatter", &plan);
    let log = fs::read_to_string(log).unwrap();
    assert!(log.lines().count() < 300, "{} lines", log.lines().count());
    assert!(log.contains("logs too much") && !log.contains('\u{1b}'), "{log}");
}

#[test]
fn case_52_a_policy_that_always_hangs_is_not_asked_about_a_whole_library() {
    let home = home();
    (0..30).for_each(|number| drop(home.put(format!("{number}.mkv"), &film("alien"))));
    profile(&home, "policy \"unruly-policy\" { behave \"loop\" }\nlimits { evaluate-time \"100ms\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    home.vpo(["scan", "--profile", "test"]).exits(0);

    let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]);

    is_contained("loop", &plan);
    assert_eq!(plan.exit, 1, "{plan}");
    let all = format!("{}{}", plan.stdout, plan.stderr);
    assert!(all.contains("is not asked any more"), "{plan}");
    assert!(
        all.matches("took longer than 100ms").count() < 12 + all.matches("is not asked any more").count(),
        "{plan}"
    );
}

#[test]
fn case_52_a_policy_that_is_slow_within_its_limit_is_told_of_once() {
    let home = home();
    (0..20).for_each(|number| drop(home.put(format!("{number}.mkv"), &film("alien"))));
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    let (turns, took) = turns_that_take(Duration::from_millis(50));
    // Every call takes a fifth of its limit and more, however busy this machine is.
    let limit = (took * 4).as_millis();
    profile(
        &home,
        &format!(
            "policy \"unruly-policy\" {{ behave \"drip\" turns={turns} }}\nlimits {{ evaluate-time \"{limit}ms\" }}"
        ),
    );
    home.vpo(["scan", "--profile", "test"]).exits(0);
    let log = home.folder().join("log").display().to_string();

    let plan = home.vpo(["apply", "--profile", "test", "--dry-run", "--log-file", &log]);

    is_contained("drip", &plan);
    let log = fs::read_to_string(log).unwrap();
    let told = log.matches("the plugin is slow").count();
    // On a machine with much else to do a call may take the whole of its limit.
    let is_over = plan.stderr.contains("took longer than") || plan.stdout.contains("took longer than");
    assert!(told == 1 || (told == 0 && is_over), "{plan}\n{log}");
    assert!(is_over || log.contains("unruly-policy"), "{log}");
}

/// How many turns of a policy that drips keep a processor for so long, and for how long they did.
fn turns_that_take(wanted: Duration) -> (u64, Duration) {
    let place = tempfile::tempdir().unwrap();
    let lock = Lock::new(place.path().join("lock"));
    let plugins = Plugins::new(Vec::new(), vpo_tests::scratch("cache").join("vpo"), lock, Limits::default());
    let name = hostile("unruly-policy").display().to_string();
    let mut turns = 1_000_000;
    loop {
        let behave = Node {
            name: "behave".to_owned(),
            parent: None,
            arguments: vec![types::Value::Text("drip".to_owned())],
            properties: vec![types::Entry { name: "turns".to_owned(), value: types::Value::Integer(turns) }],
        };
        let mut policy = plugins.policy(&name, vec![behave]).unwrap();
        let mut once = || {
            let begun = time_of_thread();
            policy.evaluate(&Context::default(), &Facts::default()).unwrap();
            time_of_thread() - begun
        };
        let took = (0..3).map(|_| once()).min().unwrap();
        if took >= wanted {
            return (turns as u64, took);
        }
        turns *= 2;
    }
}

/// Time that a processor has spent on this thread.
fn time_of_thread() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

#[test]
fn case_52_an_unruly_introspector_fails_its_file_and_the_scan_goes_on() {
    for Trick { how, limits, exit, said } in [
        slow("loop", 1, "took longer than 500ms"),
        slow("sip", 1, "took longer than 500ms"),
        trick("memory", 1, "wanted more memory than 64 MiB"),
        trick("panic", 1, "not today"),
        trick("stack", 1, "overflowed its stack"),
        trick("glutton", 1, "had enough"),
        trick("tags", 1, "tags"),
        trick("stray-tag", 1, "track 999"),
        trick("other-tracks", 1, "the track at 0 has the id 7"),
        trick("text", 0, ""),
        trick("escapes", 0, ""),
        trick("chatter", 0, ""),
        trick("well", 0, ""),
    ] {
        let home = home();
        fs::write(home.films("Bad.mkv"), b"not a film").unwrap();
        profile(
            &home,
            &format!(
                "introspect \"unruly-introspector\" {{ behave {how:?} below=100 }}\nintrospect \"matroska\"\n{limits}"
            ),
        );
        home.drop_plugin("unruly-introspector.wasm", &hostile("unruly-introspector"));

        let scan = home.vpo(["scan", "--profile", "test"]);

        is_contained(how, &scan);
        assert_eq!(scan.exit, exit, "{how}: {scan}");
        let all = format!("{}{}", scan.stdout, scan.stderr);
        assert!(all.contains(said), "{how}: {scan}");
        assert!(exit == 0 || all.contains("Bad.mkv"), "{how}: {scan}");
        let good = home.vpo(["inspect", "[films]/Alien.mkv", "--json"]).exits(0);
        assert_eq!(good.json()["container"], "matroska", "{how}: {good}");
        is_contained(how, &home.vpo(["inspect", "--profile", "test", "[films]/Bad.mkv"]));
    }
}

#[test]
fn case_52_an_unruly_detector_fails_by_its_name_and_new_files_are_read() {
    for Trick { how, limits, exit, said } in [
        slow("loop", 1, "took longer than 500ms"),
        trick("panic", 1, "not today"),
        trick("short", 1, "0 standings for 1 sightings"),
        trick("long", 1, "standings for"),
        trick("text", 1, "handed over more than 16 MiB"),
        trick("undecided", 0, ""),
        trick("well", 0, ""),
    ] {
        let home = home();
        profile(&home, "");
        home.vpo(["scan", "--profile", "test"]).exits(0);
        home.put("New.mkv", &film("alien"));
        profile(&home, &format!("detect \"unruly-detector\" {{ behave {how:?} }}\n{limits}"));
        home.drop_plugin("unruly-detector.wasm", &hostile("unruly-detector"));

        let scan = home.vpo(["scan", "--profile", "test"]);

        is_contained(how, &scan);
        assert_eq!(scan.exit, exit, "{how}: {scan}");
        assert!(scan.stderr.contains(said), "{how}: {scan}");
        assert!(exit == 0 || scan.stderr.contains("unruly-detector"), "{how}: {scan}");
        assert!(home.file_id("New.mkv").is_some(), "{how}: {scan}");
    }
}

#[test]
fn case_52_a_detector_that_hangs_does_not_hang_once_for_every_file() {
    let home = home();
    (0..200).for_each(|number| drop(home.put(format!("{number}.mkv"), &film("alien"))));
    profile(&home, "");
    home.vpo(["scan", "--profile", "test"]).exits(0);
    profile(&home, "detect \"unruly-detector\" { behave \"loop\" }\nlimits { detect-time \"100ms\" }");
    home.drop_plugin("unruly-detector.wasm", &hostile("unruly-detector"));

    let scan = home.vpo(["scan", "--profile", "test"]);

    is_contained("loop", &scan);
    assert_eq!(scan.exit, 1, "{scan}");
    assert!(scan.stderr.contains("is not asked any more"), "{scan}");
}

/// Two instances of the component before in each component: `levels` of them ask for two to that power.
fn doubling(levels: usize) -> Vec<u8> {
    let mut text = "(component (component $c0)".to_owned();
    for level in 1..levels {
        let before = level - 1;
        text.push_str(&format!(
            "(component $c{level} (alias outer 1 $c{before} (component $p))
               (instance (instantiate $p)) (instance (instantiate $p)))"
        ));
    }
    text.push_str(&format!("(instance (instantiate $c{})) {HOLLOW})", levels - 1));
    component_text(&text)
}

/// Exports of the right names with nothing in them.
const HOLLOW: &str = "(instance $e) (export \"vpo:plugin/manifest@0.1.0\" (instance $e))
    (export \"vpo:plugin/policy@0.1.0\" (instance $e))";

fn nested(depth: usize) -> Vec<u8> {
    component_text(&format!("(component {HOLLOW} {}{})", "(component ".repeat(depth), ")".repeat(depth)))
}

fn instances(count: usize) -> Vec<u8> {
    let instance = "(core instance (instantiate $m))";
    component_text(&format!("(component (core module $m (memory 1)) {} {HOLLOW})", instance.repeat(count)))
}

/// Functions of the right names with the types of nothing.
fn mistyped() -> Vec<u8> {
    component_text(
        "(component
           (core module $m (func (export \"f\")))
           (core instance $i (instantiate $m))
           (func $f (canon lift (core func $i \"f\")))
           (instance $e (export \"describe\" (func $f)) (export \"check\" (func $f)) (export \"evaluate\" (func $f)))
           (export \"vpo:plugin/manifest@0.1.0\" (instance $e))
           (export \"vpo:plugin/policy@0.1.0\" (instance $e)))",
    )
}

fn large_function() -> Vec<u8> {
    let step = "(local.set 0 (i32.mul (local.get 0) (i32.const 77777)))".repeat(200_000);
    Guest::default().more(&format!("(func (param i32) {step})")).build()
}

fn many_functions() -> Vec<u8> {
    Guest::default().more(&"(func)".repeat(70_000)).build()
}

/// What is refused when a profile names it: nothing of it is asked about any file.
#[test]
fn case_52_what_cannot_be_trusted_to_start_is_refused_by_name() {
    let wild = |at: usize, value: u32| format!("(i32.store (i32.const {at}) (i32.const {value})) i32.const 64");
    for (how, bytes, said) in [
        (
            "a start function that loops",
            Guest::default().more("(func $s (loop $l (br $l))) (start $s)").build(),
            "took longer",
        ),
        ("a description in a loop", Guest::default().describe("(loop $l (br $l)) unreachable").build(), "took longer"),
        ("an unpaired surrogate", Guest::default().summary(b"\xed\xa0\x80").build(), "utf-8"),
        ("bytes that are no text", Guest::default().summary(b"\xff\xfe\x00").build(), "utf-8"),
        ("a string of 2 GiB", Guest::default().describe(&wild(84, 0x7fff_ffff)).build(), "out of bounds"),
        ("a list of 4 billion options", Guest::default().describe(&wild(100, u32::MAX)).build(), "out of bounds"),
        ("an answer outside of memory", Guest::default().describe("i32.const -8").build(), "out of bounds"),
        ("an answer at an odd address", Guest::default().describe("i32.const 65").build(), "not aligned"),
        ("a memory of 4 GiB", Guest::default().memory("65536").build(), "more memory than 64 MiB"),
        ("a memory just too large", Guest::default().memory("1025").build(), "more memory than 64 MiB"),
        ("a table of millions", Guest::default().more("(table 9000000 funcref)").build(), "table"),
        ("a name with escapes", Guest::default().name("\u{1b}[2J\u{202e}").build(), "␛[2J⟨U+202E⟩"),
        ("instances without end", doubling(40), "instances or more"),
        ("memories without end", instances(900), "does not fit the contract"),
        ("a thousand instances and more", instances(1100), "instances or more"),
        ("components in components", nested(60), "more than 16 deep"),
        ("exports with nothing in them", component_text(&format!("(component {HOLLOW})")), "does not fit the contract"),
        ("exports of other types", mistyped(), "does not fit the contract"),
        ("a function of megabytes", large_function(), "bytes of code"),
        ("functions without end", many_functions(), "more than 60000 functions"),
    ] {
        let home = home();
        profile(&home, "policy \"odd\"");
        home.write("plugins/odd.wasm", bytes);

        let scan = home.vpo(["scan", "--profile", "test"]);

        is_contained(how, &scan);
        assert_eq!(scan.exit, 2, "{how}: {scan}");
        assert!(scan.stderr.contains("odd") && scan.stderr.contains(said), "{how}: {scan}");
        let check = home.vpo(["plugins", "check", "odd"]);
        is_contained(how, &check);
        assert_eq!(check.exit, 1, "{how}: {check}");
        assert!(check.stdout.contains(said) && check.stdout.contains("breaks the contract"), "{how}: {check}");
        let list = home.vpo(["plugins", "list"]).exits(0);
        is_contained(how, &list);
        assert!(list.stdout.contains("unusable") && list.stdout.contains("tracks"), "{how}: {list}");
        home.vpo(["scan", "[films]"]).exits(0);
    }
}

/// What starts well and answers badly: each file fails by name, and the command ends.
#[test]
fn case_52_an_answer_made_by_hand_fails_the_file_by_the_name_of_the_plugin() {
    let store = |at: usize, value: u32| {
        format!("(i32.store (i32.add (i32.const VERDICT) (i32.const {at})) (i32.const {value})) i32.const VERDICT")
    };
    for (how, bytes, said) in [
        (
            "a verdict of no kind",
            Guest::default().evaluate("(i32.store8 (i32.const VERDICT) (i32.const 77)) i32.const VERDICT"),
            "discriminant",
        ),
        ("a list of 268 million steps", Guest::default().evaluate(&store(8, 0x0fff_ffff)), "out of bounds"),
        (
            "a list of warnings on top of each other",
            Guest::default().memory("6").evaluate(&format!(
                "(i32.store (i32.add (i32.const VERDICT) (i32.const 20)) (i32.const 131072)) {}",
                store(24, 15_000)
            )),
            "15000 warnings",
        ),
        (
            "memory that grows by pages for ever",
            Guest::default()
                .evaluate("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable"),
            "more memory than 64 MiB",
        ),
        (
            "a trap in a function of an odd name",
            Guest::default().more("(func $odd unreachable)").evaluate("(call $odd) unreachable"),
            "unreachable",
        ),
        (
            "room that is nowhere",
            Guest::default().realloc("(if (result i32) (local.get 3) (then (i32.const -16)) (else (i32.const 8)))"),
            "beyond end of memory",
        ),
        (
            "a jump through an empty table",
            Guest::default()
                .more("(type $t (func)) (table $none 1 funcref)")
                .evaluate("(call_indirect $none (type $t) (i32.const 0)) unreachable"),
            "uninitialized",
        ),
        (
            "a division by nothing",
            Guest::default().evaluate("(i32.div_u (i32.const 1) (i32.const 0))"),
            "divide by zero",
        ),
    ] {
        let home = home();
        profile(&home, "policy \"odd\"");
        home.write("plugins/odd.wasm", bytes.build());
        home.vpo(["scan", "--profile", "test"]).exits(0);

        let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]);

        is_contained(how, &plan);
        assert_eq!(plan.exit, 1, "{how}: {plan}");
        let all = format!("{}{}", plan.stdout, plan.stderr);
        assert!(all.contains("odd") && all.contains(said), "{how}: {plan}");
    }
}

#[test]
fn case_52_an_introspector_that_keeps_the_file_after_the_call_is_stopped() {
    let keeps = reader("", "i32.const 192");
    let home = home();
    profile(&home, "introspect \"keeper\"");
    home.write("plugins/keeper.wasm", keeps);

    let scan = home.vpo(["scan", "--profile", "test"]);

    is_contained("keeper", &scan);
    assert_eq!(scan.exit, 1, "{scan}");
    assert!(scan.stderr.contains("plugin keeper kept the file that it was lent"), "{scan}");
}

#[test]
fn what_lies_in_the_plugins_folder_and_is_no_file_holds_nothing_up() {
    let home = home();
    fs::create_dir_all(home.own().join("plugins/folder.wasm")).unwrap();
    let pipe = home.own().join("plugins/pipe.wasm");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    std::os::unix::fs::symlink("/dev/zero", home.own().join("plugins/zero.wasm")).unwrap();
    std::os::unix::fs::symlink("nowhere", home.own().join("plugins/dangling.wasm")).unwrap();
    home.write("plugins/\u{1b}[31mred\n.wasm", Guest::default().build());

    let list = home.vpo(["plugins", "list"]).exits(0);

    is_contained("the folder", &list);
    for name in ["folder", "pipe", "zero", "dangling"] {
        let line = list.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {list}"));
        assert!(line.contains("unusable"), "{line}");
    }
    for name in ["pipe", "zero"] {
        let check = home.vpo(["plugins", "check", name]);
        assert!(check.exit == 1 || check.exit == 2, "{check}");
    }
}

#[test]
fn options_that_are_a_bomb_are_refused() {
    let home = home();
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    for (how, options) in [
        ("ten thousand nodes", "word \"a\"\n".repeat(10_000)),
        ("deep nodes", format!("{}{}", "a {".repeat(2000), "}".repeat(2000))),
        ("comments in comments", "/*".repeat(100_000)),
        ("blocks that are never closed", "a {".repeat(60)),
        ("a long text", format!("behave {:?}", "x".repeat(4 << 20))),
        ("a large number", "behave 1e400".to_owned()),
    ] {
        profile(&home, &format!("policy \"unruly-policy\" {{\n{options}\n}}"));

        let scan = home.vpo(["scan", "--profile", "test"]);

        assert_eq!(scan.exit, 2, "{how}: {}", &scan.stderr[..2000.min(scan.stderr.len())]);
        assert!(scan.stderr.len() < 1 << 20, "{how} said {} bytes", scan.stderr.len());
        let peak = vpo_tests::peak_memory_of_children();
        assert!(peak < MEMORY_MAX, "{how} took {} MiB", peak >> 20);
    }
}
