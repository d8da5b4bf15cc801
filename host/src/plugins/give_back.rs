//! Making a component give back the file that a call lends it.
//!
//! A call ends badly when what it lent is still held once the answer is there. Some toolchains let go one moment later,
//! when the answer is cleared away, through a pointer to the function that lets go; componentize-qjs is one. Its module is
//! rewritten: `read` lets go itself, and that pointer leads to a function that does nothing. All else stays as it is.

use std::borrow::Cow;
use std::convert::Infallible;

use wasm_encoder::Encode;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasmparser::{
    BinaryReader, CodeSectionReader, ElementSectionReader, Export, ExternalKind, FunctionSectionReader, Parser,
    Payload, TypeRef, ValType,
};

use super::anatomy::is_spoken;

/// The numbers of a core module and of a component in the list of sections of a component.
const MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// What every module and component begins with.
const PREAMBLE: usize = 8;

/// Toolchains put components into components twice.
const NESTING_MAX: u32 = 16;

/// Rewrites a component; `None` when it has no module that lets go late.
pub(super) fn given_back(component: &[u8]) -> wasmparser::Result<Option<Vec<u8>>> {
    rewritten(component, NESTING_MAX)
}

fn rewritten(component: &[u8], nesting: u32) -> wasmparser::Result<Option<Vec<u8>>> {
    let mut sections = BinaryReader::new(component, 0);
    let mut written = sections.read_bytes(PREAMBLE)?.to_vec();
    let mut is_other = false;
    while !sections.eof() {
        let number = sections.read_u8()?;
        let length = sections.read_var_u32()? as usize;
        let content = sections.read_bytes(length)?;
        let other = match number {
            MODULE => module_rewritten(content)?,
            COMPONENT if nesting > 0 => rewritten(content, nesting - 1)?,
            _ => None,
        };
        is_other |= other.is_some();
        let content = other.map_or(Cow::Borrowed(content), Cow::Owned);
        written.push(number);
        content.encode(&mut written);
    }
    Ok(is_other.then_some(written))
}

fn module_rewritten(module: &[u8]) -> wasmparser::Result<Option<Vec<u8>>> {
    let Some(holder) = Holder::find(module)? else { return Ok(None) };
    let mut rewriting = Rewriting { holder, in_elements: false };
    let mut written = wasm_encoder::Module::new();
    match rewriting.parse_core_module(&mut written, Parser::new(0), module) {
        Ok(()) => Ok(Some(written.finish())),
        Err(Error::ParseError(cause)) => Err(cause),
        // What the encoder does not know, no toolchain puts into such a module.
        Err(_) => Ok(None),
    }
}

/// A module that reads the file and has a pointer to the function that lets go of it.
struct Holder {
    /// The function that lets go of a file, and its type.
    release: (u32, u32),
    /// The function that reads, and its type: options as address and count, the file; the address of the answer.
    read: (u32, u32),
    /// How many functions there are.
    functions: u32,
}

impl Holder {
    fn find(module: &[u8]) -> wasmparser::Result<Option<Self>> {
        let (mut types, mut functions) = (Vec::new(), Vec::new());
        let (mut release, mut read, mut is_pointed_at) = (None, None, false);
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    types = section.into_iter_err_on_gc_types().collect::<Result<_, _>>().unwrap_or_default();
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let TypeRef::Func(of_type) = import.ty else { continue };
                        if import.name == "[resource-drop]media" && is_ours(import.module, "source") {
                            release = Some((functions.len() as u32, of_type));
                        }
                        functions.push(of_type);
                    }
                }
                Payload::FunctionSection(section) => {
                    functions.extend(section.into_iter().collect::<Result<Vec<_>, _>>()?);
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if is_read(&export) {
                            read = functions.get(export.index as usize).map(|of_type| (export.index, *of_type));
                        }
                    }
                }
                Payload::ElementSection(section) => is_pointed_at = points_at(section, release)?,
                _ => {}
            }
        }
        let (Some(release), Some(read), true) = (release, read, is_pointed_at) else { return Ok(None) };
        let reads = types
            .get(read.1 as usize)
            .is_some_and(|signature| signature.params() == [ValType::I32; 3] && signature.results() == [ValType::I32]);
        Ok(reads.then_some(Self { release, read, functions: functions.len() as u32 }))
    }

    /// The function that does nothing, and the one that reads and lets go; they come after all others.
    fn added(&self) -> [u32; 2] {
        [self.functions, self.functions + 1]
    }
}

fn is_read(export: &Export<'_>) -> bool {
    export.kind == ExternalKind::Func
        && export.name.strip_suffix("#read").is_some_and(|interface| is_ours(interface, "introspector"))
}

/// Whether a name is that of an interface of the contract, such as `vpo:plugin/source@0.1.0`.
fn is_ours(name: &str, interface: &str) -> bool {
    let rest = name.strip_prefix("vpo:plugin/").and_then(|rest| rest.strip_prefix(interface));
    rest.and_then(|rest| rest.strip_prefix('@')).is_some_and(is_spoken)
}

fn points_at(section: ElementSectionReader<'_>, function: Option<(u32, u32)>) -> wasmparser::Result<bool> {
    let Some((function, _)) = function else { return Ok(false) };
    for element in section {
        if let wasmparser::ElementItems::Functions(items) = element?.items {
            for item in items {
                if item? == function {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

struct Rewriting {
    holder: Holder,
    /// Whether what is being written is the list of pointers.
    in_elements: bool,
}

impl Reencode for Rewriting {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let [nothing, _] = self.holder.added();
        Ok(if self.in_elements && function == self.holder.release.0 { nothing } else { function })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut wasm_encoder::FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.holder.release.1).function(self.holder.read.1);
        Ok(())
    }

    fn parse_export(&mut self, exports: &mut wasm_encoder::ExportSection, mut export: Export<'_>) -> Result<(), Error> {
        if is_read(&export) {
            [_, export.index] = self.holder.added();
        }
        utils::parse_export(self, exports, export)
    }

    fn parse_element_section(
        &mut self,
        elements: &mut wasm_encoder::ElementSection,
        section: ElementSectionReader<'_>,
    ) -> Result<(), Error> {
        self.in_elements = true;
        let written = utils::parse_element_section(self, elements, section);
        self.in_elements = false;
        written
    }

    fn parse_code_section(
        &mut self,
        code: &mut wasm_encoder::CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        let mut nothing = wasm_encoder::Function::new([]);
        nothing.instructions().end();
        let mut reading = wasm_encoder::Function::new([]);
        let mut instructions = reading.instructions();
        instructions.local_get(0).local_get(1).local_get(2).call(self.holder.read.0);
        instructions.local_get(2).call(self.holder.release.0).end();
        code.function(&nothing).function(&reading);
        Ok(())
    }
}
