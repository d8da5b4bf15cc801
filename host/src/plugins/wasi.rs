//! An inert stand-in for the parts of WASI that toolchains put into a component unasked.
//!
//! There are no files, arguments or variables; clocks stand still; randomness is the same at every run (it is seeded
//! from the component's digest, and exists because hash maps want it); standard error is kept for error messages. Every
//! other function traps when it is called.

use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

use super::state::State;

struct InputStream;
struct OutputStream;
struct StreamError;
struct Descriptor;

/// Resource numbers of the output streams.
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// Bytes that a stream says it can take at once.
const WRITABLE: u64 = 4096;

type Store<'a> = StoreContextMut<'a, State>;

/// Defines what a component may call without harm; whatever else it imports is left to trap.
pub(super) fn stand_in(linker: &mut Linker<State>) -> Result<()> {
    io(linker)?;
    cli(linker)?;
    random(linker)?;
    clocks(linker)?;
    filesystem(linker)
}

fn io(linker: &mut Linker<State>) -> Result<()> {
    let mut error = linker.instance("wasi:io/error@0.2.0")?;
    error.resource("error", ResourceType::host::<StreamError>(), |_, _| Ok(()))?;
    let mut streams = linker.instance("wasi:io/streams@0.2.0")?;
    streams.resource("input-stream", ResourceType::host::<InputStream>(), |_, _| Ok(()))?;
    streams.resource("output-stream", ResourceType::host::<OutputStream>(), |_, _| Ok(()))?;
    streams.func_wrap("[method]output-stream.check-write", |_: Store, (_,): (Resource<OutputStream>,)| {
        Ok((Ok::<u64, StreamFailure>(WRITABLE),))
    })?;
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        streams.func_wrap(name, |mut store: Store, (stream, bytes): (Resource<OutputStream>, Vec<u8>)| {
            if stream.rep() == STDERR {
                store.data_mut().write_stderr(&bytes);
            }
            Ok((Ok::<(), StreamFailure>(()),))
        })?;
    }
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        streams.func_wrap(name, |_: Store, (_,): (Resource<OutputStream>,)| Ok((Ok::<(), StreamFailure>(()),)))?;
    }
    for name in ["[method]input-stream.read", "[method]input-stream.blocking-read"] {
        streams.func_wrap(name, |_: Store, (_, _): (Resource<InputStream>, u64)| {
            Ok((Err::<Vec<u8>, StreamFailure>(StreamFailure::Closed),))
        })?;
    }
    Ok(())
}

/// `stream-error` of `wasi:io/streams`.
#[derive(wasmtime::component::ComponentType, wasmtime::component::Lift, wasmtime::component::Lower)]
#[component(variant)]
enum StreamFailure {
    #[component(name = "last-operation-failed")]
    #[allow(dead_code, reason = "a case of the interface that the stand-in never gives")]
    LastOperationFailed(Resource<StreamError>),
    #[component(name = "closed")]
    Closed,
}

fn cli(linker: &mut Linker<State>) -> Result<()> {
    let mut environment = linker.instance("wasi:cli/environment@0.2.0")?;
    environment.func_wrap("get-environment", |_: Store, (): ()| Ok((Vec::<(String, String)>::new(),)))?;
    environment.func_wrap("get-arguments", |_: Store, (): ()| Ok((Vec::<String>::new(),)))?;
    environment.func_wrap("initial-cwd", |_: Store, (): ()| Ok((None::<String>,)))?;
    linker
        .instance("wasi:cli/stdin@0.2.0")?
        .func_wrap("get-stdin", |_: Store, (): ()| Ok((Resource::<InputStream>::new_own(0),)))?;
    linker
        .instance("wasi:cli/stdout@0.2.0")?
        .func_wrap("get-stdout", |_: Store, (): ()| Ok((Resource::<OutputStream>::new_own(STDOUT),)))?;
    linker
        .instance("wasi:cli/stderr@0.2.0")?
        .func_wrap("get-stderr", |_: Store, (): ()| Ok((Resource::<OutputStream>::new_own(STDERR),)))?;
    Ok(())
}

fn random(linker: &mut Linker<State>) -> Result<()> {
    for (interface, bytes, number) in [
        ("wasi:random/random@0.2.0", "get-random-bytes", "get-random-u64"),
        ("wasi:random/insecure@0.2.0", "get-insecure-random-bytes", "get-insecure-random-u64"),
    ] {
        let mut random = linker.instance(interface)?;
        random.func_wrap(bytes, |mut store: Store, (length,): (u64,)| {
            let mut bytes = vec![0; length.min(1 << 16) as usize];
            store.data_mut().random.fill(&mut bytes);
            Ok((bytes,))
        })?;
        random.func_wrap(number, |mut store: Store, (): ()| Ok((number_of(store.data_mut()),)))?;
    }
    linker.instance("wasi:random/insecure-seed@0.2.0")?.func_wrap("insecure-seed", |mut store: Store, (): ()| {
        Ok(((number_of(store.data_mut()), number_of(store.data_mut())),))
    })
}

fn number_of(state: &mut State) -> u64 {
    let mut bytes = [0; 8];
    state.random.fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// `datetime` of `wasi:clocks/wall-clock`.
#[derive(wasmtime::component::ComponentType, wasmtime::component::Lift, wasmtime::component::Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

fn clocks(linker: &mut Linker<State>) -> Result<()> {
    let mut monotonic = linker.instance("wasi:clocks/monotonic-clock@0.2.0")?;
    monotonic.func_wrap("now", |_: Store, (): ()| Ok((0_u64,)))?;
    monotonic.func_wrap("resolution", |_: Store, (): ()| Ok((1_u64,)))?;
    let mut wall = linker.instance("wasi:clocks/wall-clock@0.2.0")?;
    wall.func_wrap("now", |_: Store, (): ()| Ok((Datetime { seconds: 0, nanoseconds: 0 },)))?;
    wall.func_wrap("resolution", |_: Store, (): ()| Ok((Datetime { seconds: 1, nanoseconds: 0 },)))?;
    Ok(())
}

fn filesystem(linker: &mut Linker<State>) -> Result<()> {
    let mut types = linker.instance("wasi:filesystem/types@0.2.0")?;
    types.resource("descriptor", ResourceType::host::<Descriptor>(), |_, _| Ok(()))?;
    linker
        .instance("wasi:filesystem/preopens@0.2.0")?
        .func_wrap("get-directories", |_: Store, (): ()| Ok((Vec::<(Resource<Descriptor>, String)>::new(),)))
}
