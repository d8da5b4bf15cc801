//! `vpo plugins wrap`: what compilers leave becomes a plugin, or is refused with the reason.

use vpo_tests::{Guest, Home, reader};

/// Lets go when its answer is cleared away, through a pointer, as componentize-qjs does: too late.
const LATE: &str = "
    (import \"vpo:plugin/source@0.1.0\" \"[resource-drop]media\" (func $release (param i32)))
    (type $release (func (param i32)))
    (table 1 funcref)
    (elem (i32.const 0) func $release)
    (global $lent (mut i32) (i32.const 0))
    (func (export \"cabi_post_vpo:plugin/introspector@0.1.0#read\") (param i32)
        (call_indirect (type $release) (global.get $lent) (i32.const 0)))";

#[test]
fn a_component_that_lets_go_too_late_gives_the_file_back_once_wrapped() {
    let home = Home::new();
    let late = reader(LATE, "(global.set $lent (local.get 2)) (i32.const 192)");
    let built = home.write("../built.wasm", late).display().to_string();
    let film = home.write("../films/a.mkv", "anything").display().to_string();

    let before = home.vpo(["plugins", "try", &built, &film]);
    let check = home.vpo(["plugins", "check", &built]);
    home.vpo(["plugins", "wrap", &built, "--output", &built]).exits(0);
    // More than one call, so that what is cleared away after the first is seen.
    let after = home.vpo(["plugins", "try", &built, &film, &film]).exits(0);

    assert!(before.stderr.contains("kept the file that it was lent"), "{before}");
    assert!(check.exit == 1 && check.stdout.contains("vpo plugins wrap"), "{check}");
    assert_eq!(after.stdout.matches("not a media file").count(), 2, "{after}");
    home.vpo(["plugins", "check", &built]).exits(0);
}

#[test]
fn what_needs_no_wrapping_and_what_cannot_be_wrapped_is_told() {
    let home = Home::new();
    let component = Guest::default().build();
    for (bytes, said) in [
        (component.clone(), "it is a component already"),
        (component[..component.len() - 10].to_vec(), "it is damaged or cut short"),
        (b"no wasm".to_vec(), "it is neither a WebAssembly module nor a component"),
        (b"\0asm\x01\0\0\0".to_vec(), "it does not fit the contract"),
    ] {
        let built = home.write("../built.wasm", &bytes).display().to_string();

        let refused = home.vpo(["plugins", "wrap", &built, "--output", "out.wasm"]);

        assert!(refused.exit == 2 && refused.stderr.contains(said), "{said}: {refused}");
        assert!(!home.folder().join("out.wasm").exists());
    }
}
