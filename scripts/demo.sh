#!/bin/sh
# Shows vpo at work, in a home of its own under target/demo.
#
#     scripts/demo.sh target/release/vpo
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
vpo=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
demo=$root/target/demo
library=$demo/library

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
# Shows a command as it would be typed, and runs it.
type() {
    printf '\n%s$ vpo %s%s\n' "$bold" "$*" "$plain"
    "$vpo" "$@"
}

"$root/scripts/demo-library.sh" "$library"

# A home of its own, so that nothing of yours is read or changed.
rm -rf "$demo/home"
mkdir -p "$demo/home/profiles"
export VPO_HOME="$demo/home"
for profile in "$root"/profiles/*.kdl; do
    name=$(basename "$profile")
    # The profiles name the folders of their owner; here it is those of the demo.
    sed "s|^library .*|library \"$library/${name%.kdl}\"|; s|\"~/.vpo/|\"$demo/home/|" "$profile" >"$demo/home/profiles/$name"
done
cd "$demo"

say "A small library of real videos"
find library -type f | sort | sed 's/^/  /'

say "The first scan reads every film"
type run scan --profile kids

say "The second finds nothing to do"
type run scan --profile kids

say "One film gets another title, so one is read"
changed=$(find "$library/kids" -name '*.mkv' | sort | head -1)
printf '\n%s$ mkvpropedit "%s" --edit info --set title=Changed%s\n' "$bold" "${changed#"$demo/"}" "$plain"
mkvpropedit -q "$changed" --edit info --set title=Changed
type run scan --profile kids

say "What the profile would do, and why; nothing is changed"
type run apply --profile kids --dry-run

say "What was done so far"
type jobs list
job=$("$vpo" jobs list --json --limit 1 | sed -n 's/.*"id": *"\([0-9a-f]*\).*/\1/p' | head -1)
type jobs show "$job"

say "The profiles there are"
type profiles list

say "All of this lies in target/demo; look around with: VPO_HOME=target/demo/home $(basename "$(dirname "$vpo")" | sed "s|^|target/|")/vpo --help"
