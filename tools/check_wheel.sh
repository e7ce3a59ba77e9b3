#!/usr/bin/env bash
# Builds the wheel, installs it into a clean environment outside the checkout, and tries the command line.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo "building the wheel ..."
.venv/bin/python -m build --wheel --outdir "$folder/dist" . >"$folder/build.log" 2>&1 || {
    cat "$folder/build.log" >&2
    exit 1
}
echo "installing it into a clean environment ..."
.venv/bin/python -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$folder"/dist/*.whl
cd "$folder"
venv/bin/fairlead --version
venv/bin/fairlead -f "$root/examples/hello/fairlead.yaml" check
echo "the wheel works"
