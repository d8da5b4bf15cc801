//! Making a component of a core module, as compilers leave it that know nothing of components.

use thiserror::Error;
use wit_component::ComponentEncoder;

/// Why a core module could not become a component.
#[derive(Debug, Error)]
pub enum WrapError {
    #[error("it is a component already")]
    Already,
    #[error("it is no WebAssembly module")]
    NotAModule,
    #[error("it imports {0}, which no plugin is given")]
    Imports(String),
    #[error("it does not fit the contract")]
    Unfit(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Wraps a core module that carries the type of its world, as the bindings for C put it there.
pub fn wrap(module: &[u8]) -> Result<Vec<u8>, WrapError> {
    match module.get(..8) {
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => {}
        Some([0, b'a', b's', b'm', ..]) => return Err(WrapError::Already),
        _ => return Err(WrapError::NotAModule),
    }
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
