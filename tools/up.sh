#!/usr/bin/env bash
# Installs what running needs, starts a stack, and says where the time went: install, start, ready.
set -euo pipefail
cd "$(dirname "$0")/.."

stack=${1:?usage: tools/up.sh STACK_FILE}

began=$EPOCHREALTIME
tools/venv.sh run
installed=$EPOCHREALTIME
.venv/bin/fairlead -f "$stack" up
ready=$EPOCHREALTIME
.venv/bin/fairlead -f "$stack" status --json |
    .venv/bin/python -I tools/up_times.py "$began" "$installed" "$ready"
