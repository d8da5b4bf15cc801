#!/bin/sh
# Fuzzes the readers for a bounded time: each target in plugins/*/fuzz, from seeds cut out of generated media.
#
#     scripts/fuzz.sh [SECONDS [PLUGIN…]]
#
# Seconds are those of each target, 60 unless given. Works with a stable compiler and any C++ compiler; what it finds stays in
# target/fuzz/TARGET/found. Seeds are the files of `scripts/generate-media.sh` that a plugin's fuzz/seeds names, as its
# fuzz/seed.py shortens them where there is one, their first 64 KiB.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift

media=target/media/varied
[ -d "$media" ] || scripts/generate-media.sh "$media"

[ $# -gt 0 ] || set -- $(ls -d plugins/*/fuzz | sed 's|plugins/\(.*\)/fuzz|\1|')

coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1"
host=$(rustc -vV | sed -n 's/^host: //p')

for plugin in "$@"; do
    work=target/fuzz/$plugin
    mkdir -p "$work/corpus" "$work/found"
    while read -r pattern; do
        for file in "$media"/$pattern; do
            [ -f "$file" ] || continue
            if [ -f "plugins/$plugin/fuzz/seed.py" ]; then
                python3 "plugins/$plugin/fuzz/seed.py" "$file"
            else
                cat "$file"
            fi | head -c 65536 >"$work/corpus/$(basename "$file")"
        done
    done <"plugins/$plugin/fuzz/seeds"
    # Named for the target, flags reach the readers and not the build scripts.
    RUSTFLAGS="$coverage" cargo build -q --release --target "$host" --manifest-path "plugins/$plugin/fuzz/Cargo.toml" \
        --target-dir target/fuzz/build
    echo "fuzz: $plugin for $seconds s"
    "target/fuzz/build/$host/release/read" -max_total_time="$seconds" -max_len=65536 -timeout=5 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$work/found/" "$work/corpus" >"$work/log" 2>&1 || {
        tail -30 "$work/log" >&2
        echo "fuzz: $plugin fails; the input is in $work/found, the log in $work/log" >&2
        exit 1
    }
    grep -E "stat::number_of_executed_units|stat::peak_rss_mb" "$work/log"
done
