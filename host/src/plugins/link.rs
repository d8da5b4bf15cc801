//! What a component is linked to: the log for all, the open file and granted programs for introspectors, nothing real of
//! WASI for anyone.

use wasmtime::component::{Component, HasSelf, Linker, ResourceType};
use wasmtime::{Engine, Result};

use super::anatomy::{Anatomy, Class, Kind};
use super::bindings::{about, facts, log, source, tool, types};
use super::source::OpenMedia;
use super::state::State;
use super::wasi;

/// Makes the linker for one kind of a component.
pub(super) fn linker(engine: &Engine, component: &Component, anatomy: &Anatomy, kind: Kind) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    about::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    facts::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    log::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    if kind == Kind::Introspector {
        source::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
        tool::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
        // `tool` uses the `media` of `source`; left out, it would be taken for an unknown import below.
        let media = ResourceType::host::<OpenMedia>();
        linker.instance("vpo:plugin/tool@0.1.0")?.resource("media", media, |_, _| Ok(()))?;
    }
    if anatomy.imports.iter().any(|import| import.starts_with("wasi:")) || anatomy.class == Class::PureByHost {
        wasi::stand_in(&mut linker)?;
    }
    // A component that exports several kinds imports for all of them; what this kind does not get traps when called.
    linker.define_unknown_imports_as_traps(component)?;
    Ok(linker)
}
