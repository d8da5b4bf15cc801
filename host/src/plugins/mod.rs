//! Components: engine, cache, bindings, limits, lock, calls. The only home of wasmtime.
