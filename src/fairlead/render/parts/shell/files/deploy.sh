#!/usr/bin/env bash
# Releases a version: through Fairlead on one machine, through Kustomize in a cluster. Then looks whether it is well.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: deploy [--environment NAME] [--service NAME] [--tag VERSION] [--on machine|cluster] [--dry-run]

  -e, --environment NAME  Environment of the stack file.
  -s, --service NAME      Only that one. Default: all.
  -t, --tag VERSION       The version. Default: what `git describe` says.
  -n, --namespace NAME    Namespace of the cluster. Default: as the stack file says.
  --strategy NAME         How the version gets in (on one machine). Default: as the stack file says.
  --on machine|cluster    Where. Default: the cluster, where the stack file has a cloud.
  --no-watch              Don't wait until the roll-out is done.
  --status                Only tell how it goes.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

service='' tag='' strategy='' on='' watch=yes status='' NAMESPACE_WANTED=''
while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        -s | --service) service=$(value "$@"); shift ;;
        -t | --tag) tag=$(value "$@"); shift ;;
        -n | --namespace) NAMESPACE_WANTED=$(value "$@"); shift ;;
        --strategy) strategy=$(value "$@"); shift ;;
        --on) on=$(value "$@"); shift ;;
        --no-watch) watch='' ;;
        --status) status=yes ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "no such option: $1" ;;
    esac
    shift
done
facts
project
one_service "$service"
on=${on:-$ON}
[[ -n $tag ]] || tag=$(git describe --tags --always 2>/dev/null || printf '')
tag=${tag#v}

machine() {
    local name
    if [[ -n $status ]]; then
        fairlead_ status
        return
    fi
    if [[ -z $service ]]; then # the first time, and for what is new in the file
        fairlead_ up --detach
    fi
    for name in "${SERVICES[@]}"; do
        [[ -z $service || $service == "$name" ]] || continue
        fairlead_ deploy "$name" ${tag:+--version "$tag"} ${strategy:+--strategy "$strategy"}
    done
}

progress() { # SERVICE: waits for its roll-out, or tells how it goes.
    local kind=${WORKLOADS[$1]:-}
    case $kind in
        rollout)
            needs kubectl-argo-rollouts "https://argo-rollouts.readthedocs.io"
            run kubectl argo rollouts --namespace "$NAMESPACE" status "$1" ${status:+--watch=false} --timeout "${WITHIN_S}s"
            ;;
        deployment | statefulset)
            run kubectl --namespace "$NAMESPACE" rollout status "$kind/$1" ${status:+--watch=false} --timeout "${WITHIN_S}s"
            ;;
    esac
}

cluster() {
    local folder name picked=()
    needs kubectl "https://kubernetes.io/docs/tasks/tools/"
    if [[ -z $status ]]; then
        folder=$(mktemp -d)
        # shellcheck disable=SC2064 # the folder of now
        trap "rm -rf '$folder'" EXIT
        run fairlead ${ENVIRONMENT:+--env "$ENVIRONMENT"} render kubernetes --out "$folder"
        for name in "${!IMAGES[@]}"; do
            [[ -z $tag ]] || picked+=("${IMAGES[$name]}=${IMAGES[$name]}:$tag")
        done
        if ((${#picked[@]})); then
            needs kustomize "https://kubectl.docs.kubernetes.io/installation/kustomize/"
            run env --chdir="$folder/${ENVIRONMENT:-base}" kustomize edit set image "${picked[@]}"
        fi
        if [[ -n $service ]]; then
            run kubectl apply --server-side --namespace "$NAMESPACE" --kustomize "$folder/${ENVIRONMENT:-base}" \
                --selector "app.kubernetes.io/name=$service"
        else
            run kubectl apply --server-side --kustomize "$folder/${ENVIRONMENT:-base}"
        fi
    fi
    [[ -n $watch$status ]] || return 0
    for name in "${SERVICES[@]}"; do
        if [[ -z $service || $service == "$name" ]]; then progress "$name"; fi
    done
}

case $on in
    machine | cluster) "$on" ;;
    *) misused "--on is machine or cluster, got $on" ;;
esac
