#!/usr/bin/env bash
# Checks the stack file, then format, style and types as the project's own commands do.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: lint [--environment NAME] [--dry-run]

  -e, --environment NAME  Environment of the stack file.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "no such option: $1" ;;
    esac
    shift
done
facts
project
failed=()
fairlead_ check || failed+=(fairlead)
for stage in format lint types; do
    [[ -n ${COMMANDS[$stage]:-} ]] || continue
    shell "${COMMANDS[$stage]}" || failed+=("$stage")
done
((${#failed[@]} == 0)) || die "failed: ${failed[*]}"
