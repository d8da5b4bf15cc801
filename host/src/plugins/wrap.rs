//! Making a plugin of what compilers leave: a core module, or a component that does not give back what it is lent.

use thiserror::Error;
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
    let plugin = match built.get(..8) {
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => wrap_module(built)?,
        Some([0, b'a', b's', b'm', 0x0d, 0, 1, 0]) => {
            given_back(built).map_err(|cause| WrapError::Damaged(cause.into()))?.ok_or(WrapError::Already)?
        }
        _ => return Err(WrapError::NotAModule),
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
    wasmparser::Parser::new(0).parse_all(module).find_map(|payload| {
        let Ok(wasmparser::Payload::ImportSection(imports)) = payload else { return None };
        let named: Vec<(String, String)> =
            imports.into_imports().flatten().map(|import| (import.module.to_owned(), import.name.to_owned())).collect();
        named
            .into_iter()
            .find(|(module, _)| !module.contains(':') && !module.starts_with('$'))
            .map(|(module, name)| format!("{module} {name}"))
    })
}
