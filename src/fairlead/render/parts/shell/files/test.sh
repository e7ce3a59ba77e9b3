#!/usr/bin/env bash
# Runs the project's own tests, one stage or several.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: test [STAGE]… [--environment NAME] [--dry-run]

STAGE is test (the default), integration, api, e2e, load, or all: those that the stack file names.

  -e, --environment NAME  Environment of the stack file.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

stages=()
while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) misused "no such option: $1" ;;
        *) stages+=("$1") ;;
    esac
    shift
done
((${#stages[@]})) || stages=(test)
facts
project
if has all "${stages[@]}"; then stages=(test integration api e2e load); skip=yes; fi
for stage in "${stages[@]}"; do
    has "$stage" test integration api e2e load || misused "no such stage: $stage"
    if [[ -n ${COMMANDS[$stage]:-} ]]; then
        say "== $stage"
        shell "${COMMANDS[$stage]}"
    elif [[ -z ${skip:-} ]]; then
        die "the stack file names no command for it: pipeline.commands.$stage" 5
    fi
done
