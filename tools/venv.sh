#!/usr/bin/env bash
# Makes .venv and installs Fairlead into it (`run`: what it needs to run; `dev`: what its tests need too).
# A stamp keyed on pyproject.toml makes a second call cost nothing. pip's own configuration of the machine is respected.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-run}
venv=.venv
stamp=$venv/.fairlead-$kind

fail() {
    printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
    exit 4
}

# What the environment was made from: where it is (its scripts hold this path) and what it should hold.
wanted() {
    printf '%s\n' "$PWD"
    cksum <pyproject.toml
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local python
    for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if is_new_enough "$python"; then
            printf '%s\n' "$python"
            return
        fi
    done
    fail "Python 3.11 or later is needed; found $(python3 --version 2>/dev/null || echo none)" \
        "install it (Debian 12: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3.11 ..."
}

make_environment() {
    local python
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python can't make virtual environments: its venv module is incomplete" "apt-get install python3-venv"
    "$python" -m venv "$venv"
}

if [[ -f $stamp && -x $venv/bin/python && $(<"$stamp") == "$(wanted)" ]]; then
    exit 0
fi

# A folder that was copied or moved, or whose Python is gone, is made again.
if [[ -d $venv ]] && ! { is_new_enough $venv/bin/python && [[ ! -f $stamp || $(head -n 1 "$stamp") == "$PWD" ]]; }; then
    rm -rf "$venv"
fi
[[ -d $venv ]] || make_environment

# Installs quietly, with a dot a second so that nobody wonders; pip's errors are shown.
install() {
    local pid turn=0
    printf 'installing Fairlead into %s (%s) ' "$venv" "$kind"
    $venv/bin/python -m pip install -qq --disable-pip-version-check --editable "$1" &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        ((turn++ % 5)) || printf .
        sleep 0.2
    done
    echo
    wait "$pid"
}

what=.
if [[ $kind == dev ]]; then what='.[dev,sdks]'; fi
install "$what"
wanted >"$stamp"
if [[ $kind == dev ]]; then wanted >$venv/.fairlead-run; fi
