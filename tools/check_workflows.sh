#!/usr/bin/env bash
# Checks the CI workflows against their schema and for weaknesses; without workflows there is nothing to check.
set -euo pipefail
cd "$(dirname "$0")/.."

shopt -s nullglob
workflows=(.github/workflows/*.yml .github/workflows/*.yaml)
if ((${#workflows[@]} == 0)); then
    echo "no workflows to check"
    exit 0
fi
.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows "${workflows[@]}"
.venv/bin/zizmor --offline --quiet "${workflows[@]}"
