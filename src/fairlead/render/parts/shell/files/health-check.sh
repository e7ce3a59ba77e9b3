#!/usr/bin/env bash
# Asks services and stores how they do.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: health-check [--environment NAME] [--only KIND]… [--host HOST] [--timeout SECONDS] [--dry-run]

KIND is http, grpc, tcp, postgres, redis or search. Default: all that the stack has.

  -e, --environment NAME  Environment of the stack file.
  --only KIND             Only these.
  --host HOST             Where services are, at the ports of the stack file. Default: where Fairlead runs the stack,
                          it is asked, since it chooses their ports; else 127.0.0.1.
  --timeout SECONDS       Of one question. Default: 5.
  --wait SECONDS          Ask again until all is well, that long. Default: 0.
  --dry-run               Only tell what would be asked.
  -h, --help              This text.

Exit code: 0 all is well; else the sum of 1 (HTTP), 2 (gRPC), 4 (Postgres), 8 (Redis), 16 (search), 32 (TCP).
64 for a wrong option. Addresses of stores are read from the variables that services have.
END
}

only=() host='' timeout=5 wait=0
while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --only) one=$(value "$@"); only+=("$one"); shift ;;
        --host) host=$(value "$@"); shift ;;
        --timeout) timeout=$(value "$@"); shift ;;
        --wait) wait=$(value "$@"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "no such option: $1" ;;
    esac
    shift
done
[[ $timeout$wait =~ ^[0-9]+$ ]] || misused "--timeout and --wait are whole seconds"
for kind in "${only[@]}"; do
    has "$kind" http grpc tcp postgres redis search || misused "no such kind: $kind"
done
facts

declare -A CODES=([http]=1 [grpc]=2 [postgres]=4 [redis]=8 [search]=16 [tcp]=32)
code=0

asked() { # KIND NAME COMMAND…
    local kind=$1 name=$2
    shift 2
    if ((${#only[@]})) && ! has "$kind" "${only[@]}"; then
        return
    fi
    if [[ -n $DRY_RUN ]]; then
        run "$@"
    elif "$@" >/dev/null 2>&1; then
        printf 'ok    %-9s %s\n' "$kind" "$name"
    else
        printf 'FAIL  %-9s %s\n' "$kind" "$name"
        code=$((code | CODES[$kind]))
    fi
}

# shellcheck disable=SC2016,SC2317,SC2329  # the inner shell expands it; it is called by its name
tcp() { # HOST PORT
    timeout "$timeout" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"
}

# shellcheck disable=SC2317,SC2329  # it is called by its name
redis_answers() {
    [[ $(timeout "$timeout" redis-cli --no-auth-warning -u "$1" ping) == PONG ]]
}

running() { # Lines of NAME STATE, where Fairlead runs the stack on this machine.
    (project && fairlead ${ENVIRONMENT:+--env "$ENVIRONMENT"} status --json) 2>/dev/null | python3 -c '
import json, sys
for one in json.load(sys.stdin)["services"]:
    print(one["name"], one["state"])
' 2>/dev/null || true
}

# shellcheck disable=SC2317,SC2329  # it is called by its name
is_ready() { # NAME STATES
    grep --quiet --line-regexp --fixed-strings -- "$1 ready" <<<"$2"
}

services() {
    local line kind name port rest states='' host=${host:-}
    [[ -n $host || -n $DRY_RUN ]] || states=$(running)
    host=${host:-127.0.0.1}
    for line in "${PROBES[@]}"; do
        read -r kind name port rest <<<"$line"
        if [[ -n $states ]]; then
            asked "$kind" "$name" is_ready "$name" "$states"
            continue
        fi
        case $kind in
            http) asked http "$name" curl --fail --silent --show-error --max-time "$timeout" "http://$host:$port$rest" ;;
            grpc)
                asked grpc "$name" grpc_health_probe "-addr=$host:$port" "-service=$rest" "-connect-timeout=${timeout}s" \
                    "-rpc-timeout=${timeout}s"
                ;;
            tcp) asked tcp "$name" tcp "$host" "$port" ;;
        esac
    done
}

stores() {
    local name url
    for name in "${STORES[@]}"; do
        url=$(url_of "$name")
        case ${KINDS[$name]} in
            postgres) asked postgres "$name" pg_isready --quiet --timeout "$timeout" --dbname "$url" ;;
            redis) asked redis "$name" redis_answers "$url" ;;
            elasticsearch | opensearch)
                asked search "$name" curl --fail --silent --max-time "$timeout" "$url/_cluster/health?wait_for_status=yellow"
                ;;
        esac
    done
}

until=$((SECONDS + wait))
while :; do
    code=0
    services
    stores
    if ((code == 0 || SECONDS >= until)); then break; fi
    sleep 2
done
exit "$code"
