# shellcheck shell=bash
# What every script shares: the facts of an environment, words for people, and `--dry-run`.

LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENVIRONMENT=${ENVIRONMENT:-}
DRY_RUN=${DRY_RUN:-}

say() { printf '%s\n' "$*" >&2; }

die() { # MESSAGE [CODE]
    printf 'error: %s\n' "$1" >&2
    exit "${2:-1}"
}

misused() {
    printf 'error: %s\nhint: %s --help\n' "$1" "$(basename "$0")" >&2
    exit 64
}

# The value of an option that needs one: `value --tag "$@"`, with the option first.
value() {
    [[ $# -ge 2 && -n $2 ]] || misused "$1 needs a value"
    printf '%s' "$2"
}

run() { # Does it, or only tells it.
    printf '+' >&2
    printf ' %q' "$@" >&2
    printf '\n' >&2
    if [[ -z $DRY_RUN ]]; then
        "$@"
    fi
}

shell() { # The same for a command line of the stack file.
    printf '+ %s\n' "$1" >&2
    if [[ -z $DRY_RUN ]]; then
        bash -euo pipefail -c "$1"
    fi
}

needs() { # PROGRAM HINT
    [[ -n $DRY_RUN ]] || command -v "$1" >/dev/null || die "$1 is not on this machine: $2" 4
}

has() { # WORD LIST…
    local word=$1 one
    shift
    for one in "$@"; do
        [[ $one == "$word" ]] && return 0
    done
    return 1
}

facts() { # Reads what the stack file says of this environment.
    local file=$LIB/environments/${ENVIRONMENT:-default}.sh
    [[ -r $file ]] || die "no such environment: $ENVIRONMENT (there are: $(environments))" 64
    # shellcheck source=/dev/null
    source "$file"
    NAMESPACE=${NAMESPACE_WANTED:-$NAMESPACE}
}

environments() {
    local file names=()
    for file in "$LIB"/environments/*.sh; do
        names+=("$(basename "$file" .sh)")
    done
    printf '%s' "${names[*]}"
}

project() { # Goes to the folder of the stack file.
    local folder=$LIB
    while [[ $folder != / && ! -e $folder/$STACK_FILE ]]; do
        folder=$(dirname "$folder")
    done
    [[ -e $folder/$STACK_FILE ]] || return 0
    cd "$folder" || exit
}

fairlead_() {
    run fairlead ${ENVIRONMENT:+--env "$ENVIRONMENT"} "$@"
}

url_of() { # STORE: its address, from the variable that services read it from.
    local variable=${VARIABLES[$1]}
    if [[ -n $DRY_RUN ]]; then
        printf '%s' "${!variable:-\$$variable}"
    else
        printf '%s' "${!variable:?"is not set: the address of $1"}"
    fi
}

one_service() { # Of those that are asked for, or all.
    [[ -z $1 ]] || has "$1" "${SERVICES[@]}" || die "no such service: $1 (there are: ${SERVICES[*]})" 64
}
