#!/bin/sh
# Keeps a version of the contract for good: its form, and a component that was built against it. Run once, when the
# version is released; from then on tests see to it that the form is only added to and that the component still works.
#
#     make hostile && scripts/release-contract.sh
set -eu
version=$(sed -n 's/^package vpo:plugin@\(.*\);/\1/p' wit/types.wit)
kept=tests/fixtures/policy-$version.wasm
[ ! -e "$kept" ] || { echo "release-contract: $kept is there: what was released is never built again" >&2; exit 1; }
mkdir -p tests/fixtures
cargo run -q -p vpo-tests --bin contract release
cp target/hostile/no-scary-titles.wasm "$kept"
echo "$kept is kept"
