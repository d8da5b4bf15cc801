//! What a component is, read from its bytes before anything is compiled: kinds from its exports, purity from its imports.

use std::fmt;

use wasmparser::{Encoding, Parser, Payload};

use super::error::PluginError;
use super::weight;

/// The contract that this host speaks.
pub const CONTRACT: &str = "vpo:plugin@0.1.0";

/// Larger files are refused unread; a Python component is about 18 MiB.
pub const COMPONENT_MAX: u64 = 64 << 20;

/// What a plugin does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Detector,
    Introspector,
    Policy,
}

impl Kind {
    /// How many kinds there are.
    pub(super) const COUNT: usize = 3;

    pub fn name(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::Introspector => "introspector",
            Self::Policy => "policy",
        }
    }

    fn from_interface(name: &str) -> Option<Self> {
        match name {
            "detector" => Some(Self::Detector),
            "introspector" => Some(Self::Introspector),
            "policy" => Some(Self::Policy),
            _ => None,
        }
    }
}

/// What a plugin can reach, judged from its imports alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Imports nothing but the log and types.
    Pure,
    /// Imports parts of WASI, which the host answers with an inert stand-in.
    PureByHost,
    /// Reads the one file it is handed.
    Reader,
    /// Runs a program that the profile grants.
    Granted,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pure => "pure",
            Self::PureByHost => "pure by host",
            Self::Reader => "reader",
            Self::Granted => "granted",
        })
    }
}

/// Kinds, imports and exports of a component.
#[derive(Debug, Clone)]
pub struct Anatomy {
    pub kinds: Vec<Kind>,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    pub class: Class,
}

impl Anatomy {
    /// Reads a component and refuses what is none, what speaks another version, and what imports more than its kind gets.
    pub fn read(plugin: &str, bytes: &[u8]) -> Result<Self, PluginError> {
        let not = |what: &str| PluginError::NotAComponent { plugin: plugin.to_owned(), what: what.to_owned() };
        match bytes.get(..8) {
            _ if bytes.is_empty() => return Err(not("it is empty")),
            Some([0, b'a', b's', b'm', 0x0d, 0, 1, 0]) => {}
            Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => {
                return Err(not("it is a core module; build it with the linker wasm-component-ld or cargo-component"));
            }
            Some([0, b'a', b's', b'm', ..]) => return Err(not("its WebAssembly version is unknown")),
            Some([0x7f, b'E', b'L', b'F', ..]) => {
                return Err(not("it is a native or precompiled file, and only plain components are taken"));
            }
            _ => return Err(not("it does not begin as WebAssembly does")),
        }
        let (imports, exports) =
            names(bytes).map_err(|cause| not(&format!("it is damaged or cut short ({})", cause.message())))?;
        let kinds = kinds(plugin, &exports)?;
        if let Ok(Some(what)) = weight::too_much(bytes) {
            return Err(PluginError::TooHeavy { plugin: plugin.to_owned(), what });
        }
        for import in &imports {
            check_import(plugin, import, &kinds)?;
        }
        Ok(Self { class: class(&imports), kinds, imports, exports })
    }

    pub fn imports_tool(&self) -> bool {
        self.imports.iter().any(|import| import.starts_with("vpo:plugin/tool@"))
    }
}

/// Lists the imports and exports of the outermost component.
fn names(bytes: &[u8]) -> wasmparser::Result<(Vec<String>, Vec<String>)> {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0_u32);
    let mut ended = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding: Encoding::Component | Encoding::Module, .. } => depth += 1,
            Payload::End(_) => {
                depth = depth.saturating_sub(1);
                ended = depth == 0;
            }
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    debug_assert!(ended, "the parser reports a missing end itself");
    Ok((imports, exports))
}

/// Finds the kinds among the exports; a package of another version is named in the refusal.
fn kinds(plugin: &str, exports: &[String]) -> Result<Vec<Kind>, PluginError> {
    let mut kinds = Vec::new();
    let mut other_version = None;
    for export in exports {
        let Some(rest) = export.strip_prefix("vpo:plugin/") else { continue };
        let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
        if !is_spoken(version) {
            other_version = Some(format!("vpo:plugin@{version}"));
        } else if let Some(kind) = Kind::from_interface(interface) {
            kinds.push(kind);
        }
    }
    match (kinds.is_empty(), other_version) {
        (false, _) => {
            kinds.sort();
            Ok(kinds)
        }
        (true, Some(built_for)) => {
            Err(PluginError::WrongVersion { plugin: plugin.to_owned(), built_for, spoken: CONTRACT })
        }
        (true, None) => Err(PluginError::NoKind { plugin: plugin.to_owned() }),
    }
}

/// Whether this host speaks a version: patch releases of one minor version only add.
pub(super) fn is_spoken(version: &str) -> bool {
    version.strip_prefix("0.1.").is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()))
}

fn check_import(plugin: &str, import: &str, kinds: &[Kind]) -> Result<(), PluginError> {
    if let Some(rest) = import.strip_prefix("vpo:plugin/") {
        let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
        if !is_spoken(version) {
            let built_for = format!("vpo:plugin@{version}");
            return Err(PluginError::WrongVersion { plugin: plugin.to_owned(), built_for, spoken: CONTRACT });
        }
        let allowed = match interface {
            "types" | "about" | "facts" | "log" => true,
            "source" | "tool" => kinds.contains(&Kind::Introspector),
            _ => false,
        };
        if allowed {
            return Ok(());
        }
    } else if is_inert_wasi(import) {
        return Ok(());
    }
    let kind = kinds.iter().find(|kind| **kind != Kind::Introspector).unwrap_or(&kinds[0]).name();
    Err(PluginError::RefusedImport { plugin: plugin.to_owned(), import: import.to_owned(), kind })
}

/// Whether toolchains put this import in unasked and the stand-in of `wasi` answers it.
fn is_inert_wasi(import: &str) -> bool {
    let (interface, version) = import.split_once('@').unwrap_or((import, ""));
    version.starts_with("0.2.")
        && (["wasi:io/", "wasi:cli/", "wasi:clocks/", "wasi:random/"]
            .iter()
            .any(|package| interface.starts_with(package))
            || ["wasi:filesystem/types", "wasi:filesystem/preopens"].contains(&interface))
}

fn class(imports: &[String]) -> Class {
    imports
        .iter()
        .map(|import| match import.split('@').next().unwrap_or_default() {
            "vpo:plugin/tool" => Class::Granted,
            "vpo:plugin/source" => Class::Reader,
            interface if interface.starts_with("wasi:") => Class::PureByHost,
            _ => Class::Pure,
        })
        .max()
        .unwrap_or(Class::Pure)
}
