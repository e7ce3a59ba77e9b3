#!/usr/bin/env bash
# Asks one thing how it does, until it was well or unwell often enough in a row: 0 or 1.
set -euo pipefail

usage() {
    cat <<'END'
Usage: probe [OPTIONS] http URL [HEADER]… | tcp HOST PORT | grpc HOST:PORT [SERVICE] | command PROGRAM [ARGUMENT]…

  --every SECONDS      Between two questions.
  --timeout SECONDS    Of one question.
  --failures COUNT     In a row, after which it is unwell.
  --successes COUNT    In a row, after which it is well.
  --within SECONDS     Ask for that long, however many failures there are.
END
}

every=5 timeout=2 failures=3 successes=1 within=
while (($#)); do
    case $1 in
        --every) every=$2; shift ;;
        --timeout) timeout=$2; shift ;;
        --failures) failures=$2; shift ;;
        --successes) successes=$2; shift ;;
        --within) within=$2; shift ;;
        -h | --help) usage; exit 0 ;;
        *) break ;;
    esac
    shift
done
(($# >= 2)) || { usage >&2; exit 64; }
kind=$1
shift

once() {
    local url=$1 headers=() one
    # shellcheck disable=SC2016  # the inner shell expands it
    case $kind in
        http)
            for one in "${@:2}"; do headers+=(--header "$one"); done
            curl --fail --silent --max-time "$timeout" --output /dev/null "${headers[@]}" "$url"
            ;;
        tcp) timeout "$timeout" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" ;;
        grpc) grpc_health_probe -addr="$1" -service="${2:-}" -connect-timeout="${timeout}s" -rpc-timeout="${timeout}s" ;;
        command) timeout "$timeout" "$@" ;;
        *) usage >&2; exit 64 ;;
    esac
}

# What systemd has started ended: nobody will ever answer.
gone() { [[ -n ${MAINPID:-} ]] && ! kill -0 "$MAINPID" 2>/dev/null; }

well=0 unwell=0 end=0
[[ -z $within ]] || end=$((SECONDS + ${within%.*} + 1))
while :; do
    if once "$@" >/dev/null 2>&1; then
        well=$((well + 1)) unwell=0
    else
        well=0 unwell=$((unwell + 1))
    fi
    if ((well >= successes)); then exit 0; fi
    if [[ -n $within ]]; then
        if ((SECONDS >= end)) || gone; then break; fi
    elif ((unwell >= failures)); then
        break
    fi
    sleep "$every"
done
printf 'unwell: %s %s\n' "$kind" "$*" >&2
exit 1
