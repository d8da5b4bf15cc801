//! Components made by hand: no compiler would write what these do, and no toolchain would let them out.
//!
//! A guest is a core module in text form with the canonical names of the contract; what is not replaced behaves well.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::workspace;

/// A policy whose parts can be replaced, each in the text format of WebAssembly.
#[derive(Clone)]
pub struct Guest {
    name: Vec<u8>,
    summary: Vec<u8>,
    memory: String,
    describe: String,
    check: String,
    evaluate: String,
    realloc: String,
    more: String,
}

/// Where things lie in the memory of a guest: what `describe` returns, an empty list, an empty verdict, the name, the
/// summary; what is lowered into the guest lies behind.
const DESCRIPTION: usize = 64;
const EMPTY: usize = 128;
/// Where a verdict without steps lies; a part that returns one can say `i32.const VERDICT`.
const VERDICT: usize = 192;
const NAME: usize = 1024;
const SUMMARY: usize = 4096;
const HEAP: usize = 32 << 10;

impl Default for Guest {
    fn default() -> Self {
        Self {
            name: b"by-hand".to_vec(),
            summary: b"Made by hand".to_vec(),
            memory: "2".to_owned(),
            describe: format!("i32.const {DESCRIPTION}"),
            check: format!("i32.const {EMPTY}"),
            evaluate: format!("i32.const {VERDICT}"),
            // Gives away what is lowered into the guest at once: every call may overwrite the one before.
            realloc: format!(
                "(local $at i32)
                 (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 15)) (i32.const -16)))
                 (global.set $heap (i32.add (local.get $at) (local.get 3)))
                 (if (i32.gt_u (global.get $heap) (i32.const 120000)) (then (global.set $heap (i32.const {HEAP}))))
                 (local.get $at)"
            ),
            more: String::new(),
        }
    }
}

impl Guest {
    /// Replaces the name that it gives itself.
    pub fn name(mut self, name: impl AsRef<[u8]>) -> Self {
        self.name = name.as_ref().to_vec();
        self
    }

    /// Replaces what it says of itself; need not be UTF-8.
    pub fn summary(mut self, summary: impl AsRef<[u8]>) -> Self {
        self.summary = summary.as_ref().to_vec();
        self
    }

    /// Replaces the limits of its memory, in pages.
    pub fn memory(mut self, pages: &str) -> Self {
        self.memory = pages.to_owned();
        self
    }

    /// Replaces the body of `describe`: an address of what is described.
    pub fn describe(mut self, body: &str) -> Self {
        self.describe = body.to_owned();
        self
    }

    /// Replaces the body of `evaluate`: an address of a result.
    pub fn evaluate(mut self, body: &str) -> Self {
        self.evaluate = body.replace("VERDICT", &VERDICT.to_string());
        self
    }

    /// Replaces how it makes room for what it is given.
    pub fn realloc(mut self, body: &str) -> Self {
        self.realloc = body.to_owned();
        self
    }

    /// Adds fields to the module: functions, tables, a start function.
    pub fn more(mut self, fields: &str) -> Self {
        self.more.push_str(fields);
        self
    }

    /// Returns the component.
    pub fn build(&self) -> Vec<u8> {
        let policy = "policy@0.1.0#evaluate";
        let module = self.module(policy);
        componentize(&module, "policy-plugin")
    }

    fn module(&self, policy: &str) -> String {
        let Self { memory, describe, check, evaluate, realloc, more, .. } = self;
        let mut data = String::new();
        let mut put = |at: usize, bytes: &[u8]| {
            let bytes: String = bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "\\{byte:02x}").expect("a String takes all");
                text
            });
            writeln!(data, "(data (i32.const {at}) \"{bytes}\")").expect("a String takes all");
        };
        let text = |at: usize, bytes: &[u8]| [at as u32, bytes.len() as u32];
        let description: Vec<u8> =
            [text(NAME, &self.name), text(NAME, b"1"), text(SUMMARY, &self.summary), text(NAME, b"1"), [0, 0]]
                .concat()
                .into_iter()
                .flat_map(u32::to_le_bytes)
                .collect();
        put(DESCRIPTION, &description);
        put(NAME, &self.name);
        put(SUMMARY, &self.summary);
        format!(
            "(module
               (memory (export \"memory\") {memory})
               (global $heap (mut i32) (i32.const {HEAP}))
               {more}
               {data}
               (func (export \"vpo:plugin/manifest@0.1.0#describe\") (result i32) {describe})
               (func (export \"vpo:plugin/manifest@0.1.0#check\") (param i32 i32) (result i32) {check})
               (func (export \"vpo:plugin/{policy}\") (param i32) (result i32) {evaluate})
               (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) {realloc}))"
        )
    }
}

/// An introspector called `k` that says of every file that it is not its own, and does not let go of what it is lent.
/// `first` goes to the front of its module, `read` is the body of the function.
pub fn reader(first: &str, read: &str) -> Vec<u8> {
    let description = [0, 4, 0, 0, 1, 0, 0, 0].repeat(4);
    let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let module = format!(
        "(module
           {first}
           (memory (export \"memory\") 1)
           (data (i32.const 64) \"{}\")
           (data (i32.const 128) \"\\e8\\03\\00\\00\\01\\00\\00\\00\")
           (data (i32.const 192) \"\\01\")
           (data (i32.const 1000) \"\\f0\\03\\00\\00\\03\\00\\00\\00mkv\")
           (data (i32.const 1024) \"k\")
           (func (export \"vpo:plugin/manifest@0.1.0#describe\") (result i32) i32.const 64)
           (func (export \"vpo:plugin/manifest@0.1.0#check\") (param i32 i32) (result i32) i32.const 256)
           (func (export \"vpo:plugin/introspector@0.1.0#claim\") (result i32) i32.const 128)
           (func (export \"vpo:plugin/introspector@0.1.0#read\") (param i32 i32 i32) (result i32) {read})
           (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) i32.const 2048))",
        bytes(&description)
    );
    componentize(&module, "introspector-plugin")
}

/// Makes a component of a core module for a world of the contract.
fn componentize(module: &str, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap_or_else(|cause| panic!("{cause}\n{module}"));
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(workspace().join("wit")).expect("the contract is sound");
    let world = resolve.select_world(&[package], Some(world)).expect("a world of the contract");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("any module takes a section");
    let mut encoder = ComponentEncoder::default().module(&module).expect("a module with a world").validate(false);
    encoder.encode().expect("a module with the names of the contract")
}

/// Makes a component of its text form.
pub fn component_text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|cause| panic!("{cause}\n{text}"))
}
