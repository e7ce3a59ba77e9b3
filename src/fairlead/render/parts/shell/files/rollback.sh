#!/usr/bin/env bash
# Goes back to the version before, and looks whether that one is well.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: rollback [--environment NAME] [--service NAME] [--to VERSION] [--on machine|cluster] [--dry-run]

  -e, --environment NAME  Environment of the stack file.
  -s, --service NAME      Only that one. Default: all.
  --to VERSION            A version or release; in a cluster a revision. Default: the one before.
  -n, --namespace NAME    Namespace of the cluster. Default: as the stack file says.
  --on machine|cluster    Where. Default: the cluster, where the stack file has a cloud.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

service='' to='' on='' NAMESPACE_WANTED=''
while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        -s | --service) service=$(value "$@"); shift ;;
        --to) to=$(value "$@"); shift ;;
        -n | --namespace) NAMESPACE_WANTED=$(value "$@"); shift ;;
        --on) on=$(value "$@"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "no such option: $1" ;;
    esac
    shift
done
facts
project
one_service "$service"

back() { # SERVICE
    local kind=${WORKLOADS[$1]:-}
    if [[ ${on:-$ON} == machine ]]; then
        fairlead_ rollback "$1" ${to:+--to "$to"}
    elif [[ $kind == rollout ]]; then
        needs kubectl-argo-rollouts "https://argo-rollouts.readthedocs.io"
        run kubectl argo rollouts --namespace "$NAMESPACE" undo "$1" ${to:+--to-revision="$to"}
        run kubectl argo rollouts --namespace "$NAMESPACE" status "$1" --timeout "${WITHIN_S}s"
    elif [[ -n $kind ]]; then
        run kubectl --namespace "$NAMESPACE" rollout undo "$kind/$1" ${to:+--to-revision="$to"}
        run kubectl --namespace "$NAMESPACE" rollout status "$kind/$1" --timeout "${WITHIN_S}s"
    fi
}

for name in "${SERVICES[@]}"; do
    if [[ -z $service || $service == "$name" ]]; then back "$name"; fi
done
if [[ ${on:-$ON} == machine ]]; then
    "$LIB/../health-check" ${ENVIRONMENT:+--environment "$ENVIRONMENT"} ${DRY_RUN:+--dry-run}
fi
