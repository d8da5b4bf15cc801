#!/bin/sh
# Gets the tools that plugins in JavaScript, Python and C are built with into target/guest-tools, when they are not there.
#
#     scripts/guest-tools.sh            what can be had; what cannot is said, and is no failure
#
# JavaScript needs npm, Python and C need python3 with pip; without them, or without a network, the tests of those
# languages are skipped. The versions are those that the templates of `vpo plugins new` name, so they are read from there.
set -eu
cd "$(dirname "$0")/.."
templates=host/cli/commands/plugins/templates
into=target/guest-tools
mkdir -p "$into"

say() { echo "guest-tools: $*" >&2; }

# There already when the stamp names the same versions, and this folder, for Python's programs know the place they are in.
stamp() { echo "$(pwd): $1"; }
is_ready() { [ "$(cat "$into/$1.ready" 2>/dev/null)" = "$(stamp "$2")" ]; }

javascript=$(sed -n 's/.*"componentize-qjs": "\(.*\)".*/componentize-qjs@\1/p' $templates/js/every/package.json)
python="$(cat $templates/python/every/requirements.txt $templates/c/every/requirements.txt)"

if is_ready javascript "$javascript"; then :
elif ! command -v npm >/dev/null; then say "no npm; plugins in JavaScript are not built here"
elif npm install --silent --no-audit --no-fund --no-save --prefix "$into/javascript" "$javascript" >&2; then
    stamp "$javascript" >"$into/javascript.ready"
else say "npm could not install $javascript; plugins in JavaScript are not built here"
fi

if is_ready python "$python"; then :
elif ! command -v python3 >/dev/null; then say "no python3; plugins in Python and C are not built here"
# shellcheck disable=SC2086
elif python3 -m venv --clear "$into/python" >&2 && "$into/python/bin/pip" install --quiet --disable-pip-version-check $python >&2; then
    stamp "$python" >"$into/python.ready"
else say "pip could not install $(echo $python); plugins in Python and C are not built here"
fi
