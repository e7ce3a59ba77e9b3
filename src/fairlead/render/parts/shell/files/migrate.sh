#!/usr/bin/env bash
# Changes stored data as the stack file says, or takes the change back.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: migrate up|down [--environment NAME] [--service NAME] [--dry-run]

  -e, --environment NAME  Environment of the stack file.
  -s, --service NAME      Only that one. Default: every service that has a migration.
  --no-backup             Don't save the stores first.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

way='' service='' backup=yes
while (($#)); do
    case $1 in
        up | down) way=$1 ;;
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        -s | --service) service=$(value "$@"); shift ;;
        --no-backup) backup='' ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "expected up or down, got $1" ;;
    esac
    shift
done
[[ -n $way ]] || misused "which way: up or down"
facts
project
one_service "$service"
if ((${#MIGRATE_UP[@]} == 0)); then
    say "the stack file has no migrations: services.NAME.release.migrate"
    exit 0
fi
if [[ -n $backup ]]; then
    for thing in "${THINGS[@]}"; do
        if [[ ${KINDS[$thing]} == postgres ]]; then
            "$LIB/../backup" --only "$thing" ${ENVIRONMENT:+--environment "$ENVIRONMENT"} ${DRY_RUN:+--dry-run}
        fi
    done
fi
for name in "${!MIGRATE_UP[@]}"; do
    [[ -z $service || $service == "$name" ]] || continue
    line=${MIGRATE_UP[$name]}
    if [[ $way == down ]]; then
        line=${MIGRATE_DOWN[$name]:-}
        [[ -n $line ]] || die "$name has no way back: services.$name.release.migrate.down" 5
    fi
    run timeout "${MIGRATE_S[$name]}" bash -euo pipefail -c "$line"
done
