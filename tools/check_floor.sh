#!/usr/bin/env bash
# Runs the quick tests with the oldest run-time dependencies that pyproject.toml allows, in an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/venv.sh dev
.venv/bin/python tools/floor.py --check

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m venv "$folder/venv"
echo "installing the oldest dependencies allowed (constraints/floor.txt) ..."
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints/floor.txt --editable '.[dev]'
# The pages were written with the newest versions: click and pydantic have changed how they put some things.
# The official clients of the hub are not there: they ask for newer packages.
"$folder/venv/bin/python" -m pytest -m "not story" \
    --ignore tests/apps/hub/sdks \
    --deselect tests/docs/test_reference.py::test_the_reference_is_what_the_code_says "$@"
