//! Making a plugin of what compilers leave: a core module, or a component that does not give back what it is lent.

use thiserror::Error;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use super::anatomy::Anatomy;
use super::give_back::given_back;

/// Why something could not become a plugin.
#[derive(Debug, Error)]
pub enum WrapError {
    #[error("it is a component already, and keeps nothing that it is lent")]
    Already,
    #[error("it is neither a WebAssembly module nor a component")]
    NotAModule,
    #[error("it is damaged or cut short")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("it imports {0}, which no plugin is given")]
    Imports(String),
    #[error("it does not fit the contract")]
    Unfit(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Wraps a core module that carries the type of its world, as the bindings for C put it there; makes a component give
/// back the file that it reads.
pub fn wrap(name: &str, built: &[u8]) -> Result<Vec<u8>, WrapError> {
    let plugin = if Parser::is_core_wasm(built) {
        wrap_module(built)?
    } else if Parser::is_component(built) {
        given_back(built).map_err(|cause| WrapError::Damaged(cause.into()))?.ok_or(WrapError::Already)?
    } else {
        return Err(WrapError::NotAModule);
    };
    Anatomy::read(name, &plugin).map_err(|cause| WrapError::Unfit(cause.into()))?;
    Ok(plugin)
}

fn wrap_module(module: &[u8]) -> Result<Vec<u8>, WrapError> {
    if let Some(import) = foreign_import(module) {
        return Err(WrapError::Imports(import));
    }
    let encode = || ComponentEncoder::default().validate(true).module(module)?.encode();
    encode().map_err(|cause| WrapError::Unfit(cause.into()))
}

/// The first import of the module that is of the system and not of a component interface.
fn foreign_import(module: &[u8]) -> Option<String> {
    Parser::new(0).parse_all(module).find_map(|payload| {
        let Ok(Payload::ImportSection(imports)) = payload else { return None };
        let is_foreign = |module: &str| !module.contains(':') && !module.starts_with('$');
        let mut foreign = imports.into_imports().flatten().filter(|import| is_foreign(import.module));
        foreign.next().map(|import| format!("{} {}", import.module, import.name))
    })
}
