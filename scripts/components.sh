#!/bin/sh
# Builds every plugin crate in the folders named after the first argument, and puts the components into that first folder.
#
#     scripts/components.sh target/plugins plugins
#
# A plugin crate is one whose library is a cdylib. The component is called like the folder of its crate. A component that
# came out as before is not written again, so that what depends on it is not built again.
set -eu
into=$1
shift

eval "$("$(dirname "$0")/wasm-toolchain.sh")"
# The two routes have different standard libraries, which cargo cannot tell apart.
built=target/wasm${RUSTC:+-debian}

crates=$(for folder in "$@"; do grep -l cdylib "$folder"/*/Cargo.toml 2>/dev/null || true; done)
[ -n "$crates" ] || { echo "components: no plugin crates in $*" >&2; exit 1; }
package() { sed -n 's/^name = "\(.*\)"/\1/p' "$1" | head -1; }
arguments=
for crate in $crates; do arguments="$arguments -p $(package "$crate")"; done
# shellcheck disable=SC2086
cargo build --profile plugin --target "$VPO_WASM_TARGET" --target-dir "$built" $arguments

mkdir -p "$into"
names=
for crate in $crates; do
    name=$(basename "$(dirname "$crate")")
    names="$names $name.wasm"
    component=$built/$VPO_WASM_TARGET/plugin/$(package "$crate" | tr - _).wasm
    cmp -s "$component" "$into/$name.wasm" || { cp "$component" "$into/$name.part" && mv "$into/$name.part" "$into/$name.wasm"; }
done
for component in "$into"/*.wasm; do
    case "$names " in *" $(basename "$component") "*) ;; *) rm -f "$component" ;; esac
done
