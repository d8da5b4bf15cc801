//! Components that no compiler would write, in the real program: each is refused, or fails its file, by name.

use vpo_tests::{Guest, assert_contained, component_text, home_to_misuse, reader};

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
        let home = home_to_misuse();
        home.write_profile("policy \"odd\"");
        home.write("plugins/odd.wasm", bytes);

        let scan = home.vpo(["scan", "--profile", "test"]);

        assert_contained(how, &scan);
        assert_eq!(scan.exit, 2, "{how}: {scan}");
        assert!(scan.stderr.contains("odd") && scan.stderr.contains(said), "{how}: {scan}");
        let check = home.vpo(["plugins", "check", "odd"]);
        assert_contained(how, &check);
        assert_eq!(check.exit, 1, "{how}: {check}");
        assert!(check.stdout.contains(said) && check.stdout.contains("breaks the contract"), "{how}: {check}");
        let list = home.vpo(["plugins", "list"]).exits(0);
        assert_contained(how, &list);
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
        let home = home_to_misuse();
        home.write_profile("policy \"odd\"");
        home.write("plugins/odd.wasm", bytes.build());
        home.vpo(["scan", "--profile", "test"]).exits(0);

        let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]);

        assert_contained(how, &plan);
        assert_eq!(plan.exit, 1, "{how}: {plan}");
        let all = format!("{}{}", plan.stdout, plan.stderr);
        assert!(all.contains("odd") && all.contains(said), "{how}: {plan}");
    }
}

#[test]
fn case_52_an_introspector_that_keeps_the_file_after_the_call_is_stopped() {
    let keeps = reader("", "i32.const 192");
    let home = home_to_misuse();
    home.write_profile("introspect \"keeper\"");
    home.write("plugins/keeper.wasm", keeps);

    let scan = home.vpo(["scan", "--profile", "test"]);

    assert_contained("keeper", &scan);
    assert_eq!(scan.exit, 1, "{scan}");
    assert!(scan.stderr.contains("plugin keeper kept the file that it was lent"), "{scan}");
}
