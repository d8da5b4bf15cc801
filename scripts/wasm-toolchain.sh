#!/bin/sh
# Finds or makes a Rust compiler that builds plugins, and prints shell assignments for it on stdout; all talk is on stderr.
#
#     eval "$(scripts/wasm-toolchain.sh)"
#     cargo build --profile plugin --target "$VPO_WASM_TARGET" --target-dir target/wasm -p vpo-plugin-stat
#
# The linker it names ships with every rustup toolchain since 1.82 and leaves a component, so nothing else is needed.
# Route "rustup": the compiler at hand has the target, or rustup can add it.
# Route "debian": otherwise Debian's rustc and the std source of the same version, installed or unpacked under the
# cache folder without root; std is built once into a sysroot of our own.
#
# VPO_WASM_ROUTE=rustup|debian forces a route. VPO_WASM_DIR is the cache folder; remove it and target/wasm to start over.
set -eu

target=wasm32-unknown-unknown
oldest=85 # rustc 1.85 is the first with the 2024 edition
cache=${VPO_WASM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vpo-wasm}
route=${VPO_WASM_ROUTE:-auto}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac

say() { echo "wasm-toolchain: $*" >&2; }
die() { say "$*"; exit 1; }
minor() { "$1" --version | sed -n 's/^rustc 1\.\([0-9]*\).*/\1/p'; }
has_target() { ls "$("$1" --print target-libdir --target $target 2>/dev/null)"/libstd-*.rlib >/dev/null 2>&1; }
finish() { # the rustc to name; empty when the default one will do
    printf 'export VPO_WASM_TARGET=%s CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="%s"' $target "$tools/wasm-component-ld"
    [ -z "$1" ] || printf ' RUSTC="%s"' "$1"
    echo
    exit 0
}

case $route in auto | rustup | debian) ;; *) die "VPO_WASM_ROUTE is \"$route\"; it can be rustup or debian" ;; esac
compiler=${RUSTC:-rustc}
command -v "$compiler" >/dev/null || die "no rustc in PATH; install Rust from https://rustup.rs first"
host=$("$compiler" -vV | sed -n 's/^host: //p')
tools=$("$compiler" --print sysroot)/lib/rustlib/$host/bin
[ -x "$tools/wasm-component-ld" ] || die "no wasm-component-ld in $tools; install Rust from https://rustup.rs (1.82 or later)"

if [ "$route" != debian ]; then
    if has_target "$compiler"; then finish ""; fi
    if [ "$route" = auto ] && [ -e "$cache/ok" ] && has_target "$cache/bin/rustc"; then finish "$cache/bin/rustc"; fi
    say "asking rustup for the target $target"
    if command -v rustup >/dev/null && timeout 180 rustup target add $target >&2 && has_target "$compiler"; then finish ""; fi
    [ "$route" = auto ] || die "rustup could not add $target"
    say "rustup cannot add $target here; Debian's rustc and std source take its place"
fi

for tool in flock dpkg-deb apt-get apt-cache; do
    command -v $tool >/dev/null || die "no $tool; on a system without Debian packages run: rustup target add $target"
done
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
# Another one may have built it while this one waited.
if [ -e "$cache/ok" ] && has_target "$cache/bin/rustc"; then finish "$cache/bin/rustc"; fi

complete() { [ -x "$1/usr/bin/rustc" ] && [ -e "$1/usr/lib/rustlib/src/rust/library/std/Cargo.toml" ]; }

# Leaves the Debian compiler and the std source of one version under $1, whatever the system has installed.
unpack_debian() {
    if complete "$1"; then return; fi
    # With state of its own, apt serves root and everybody else alike, and always sees a fresh index.
    mkdir -p "$cache/apt/state/lists/partial" "$cache/apt/cache/archives/partial" "$cache/debs"
    printf 'Dir::State "%s";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "%s";\n' \
        "$cache/apt/state" "$cache/apt/cache" >"$cache/apt/conf"
    export APT_CONFIG="$cache/apt/conf"
    apt-get -qq update >&2 || say "apt-get update complained; going on"
    candidate() { apt-cache policy "$1" | sed -n 's/^ *Candidate: *\([0-9].*\)/\1/p'; }
    dependency() { apt-cache show "$1" | sed -n '1,/^$/s/^Depends: //p' | tr , '\n' | sed -n "s/^ *\($2[^ ]*\).*/\1/p" | head -1; }
    # Stable releases carry a newer compiler under the name of its user, the web browser.
    for suffix in -web ""; do
        version=$(candidate "rustc$suffix")
        case $version in 1.*) [ "$(echo "$version" | cut -d. -f2)" -lt $oldest ] || break ;; esac
        version=
    done
    [ -n "$version" ] || die "no Debian rustc of 1.$oldest or later; run: rustup target add $target"
    std=$(dependency "libstd-rust$suffix-dev=$version" libstd-rust)
    llvm=$(dependency "$std=$version" libllvm)
    say "fetching Debian's rustc$suffix $version with $std and $llvm (about 140 MB)"
    (cd "$cache/debs" && apt-get -qq download "rustc$suffix=$version" "libstd-rust$suffix-dev=$version" \
        "rust$suffix-src=$version" "$std=$version" "$llvm" >&2)
    rm -rf "$1" "$1.part"
    for package in "$cache"/debs/*.deb; do dpkg-deb -x "$package" "$1.part"; done
    mv "$1.part" "$1"
}

prefix= # of the Debian files; empty for the ones that are installed
if [ -n "${VPO_WASM_UNPACK:-}" ] || ! complete "" || [ "$(minor /usr/bin/rustc)" -lt $oldest ]; then
    prefix=$cache/deb
    unpack_debian "$prefix"
fi

# The sysroot: Debian's host libraries, rustup's linkers, and the std that is built below.
libraries=$(dirname "$(ls "$prefix"/usr/lib/*/librustc_driver-*.so | head -1)")
debian_host=$(uname -m)-unknown-linux-gnu
rustlib=$cache/lib/rustlib
mkdir -p "$cache/bin" "$rustlib/$debian_host/bin" "$rustlib/$target/lib" "$rustlib/src" "$cache/seed/src"
{
    echo '#!/bin/sh'
    [ -z "$prefix" ] || printf 'export LD_LIBRARY_PATH="%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n' "$libraries"
    printf 'exec "%s/usr/bin/rustc" --sysroot "%s" "$@"\n' "$prefix" "$cache"
} >"$cache/bin/rustc"
chmod +x "$cache/bin/rustc"
ln -sfn "$prefix/usr/lib/rustlib/$debian_host/lib" "$rustlib/$debian_host/lib"
ln -sfn "$prefix/usr/lib/rustlib/src/rust" "$rustlib/src/rust"
# rustc puts this folder on the PATH of the linker.
ln -sf "$tools/rust-lld" "$tools/wasm-component-ld" "$rustlib/$debian_host/bin/"
"$cache/bin/rustc" --version >&2 || die "the unpacked rustc does not run: $(ldd "$prefix/usr/bin/rustc" | grep 'not found')"
[ "$(minor "$cache/bin/rustc")" -ge $oldest ] || die "Debian's rustc is older than 1.$oldest"

say "building std for $target (once; one to three minutes)"
printf '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2021"\n[profile.release]\npanic = "abort"\n[workspace]\n' \
    >"$cache/seed/Cargo.toml"
echo '#![no_std]' >"$cache/seed/src/lib.rs"
# With bitcode inside, so that plugins may be built with lto = true against this std.
RUSTC_BOOTSTRAP=1 RUSTC=$cache/bin/rustc RUSTFLAGS=-Cembed-bitcode=yes cargo build -q --release --target $target \
    -Z build-std=std,panic_abort --manifest-path "$cache/seed/Cargo.toml" --target-dir "$cache/seed/target" >&2
rm -f "$rustlib/$target"/lib/*.rlib
cp "$cache/seed/target/$target/release/deps"/lib*.rlib "$rustlib/$target/lib/"
rm -f "$rustlib/$target"/lib/libseed-*
has_target "$cache/bin/rustc" || die "std was built but is not seen in $rustlib/$target/lib"
rm -rf "$cache/seed/target" "$cache/debs" "$cache/apt"
[ -z "$prefix" ] || rm -rf "$prefix"/usr/src/*/compiler "$prefix"/usr/share/doc
touch "$cache/ok"
finish "$cache/bin/rustc"
