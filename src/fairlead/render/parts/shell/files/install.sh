#!/usr/bin/env bash
# Puts the stack on this machine: programs, variables, units. A second run applies what changed.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
source "$HERE/facts.sh"

usage() {
    cat <<END
Usage: install [--source FOLDER] [--no-start] [--root FOLDER] [--dry-run]

  --source FOLDER  The folder of the stack file, copied to /opt/$STACK.
  --no-start       Enable units, but start nothing.
  --root FOLDER    Install into this folder instead of /: nothing is enabled or started.
  --dry-run        Only tell what would be done.
  -h, --help       This text.
END
}

source_='' start=yes root='' dry=''
while (($#)); do
    case $1 in
        --source) source_=${2:?"--source needs a value"}; shift ;;
        --root) root=${2:?"--root needs a value"}; shift ;;
        --no-start) start='' ;;
        --dry-run) dry=yes ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
    shift
done

run() {
    printf '+' >&2
    printf ' %q' "$@" >&2
    printf '\n' >&2
    [[ -n $dry ]] || "$@"
}

if [[ -z $root$dry ]] && ((EUID != 0)); then
    printf 'error: only root can install units\nhint: sudo %s\n' "$0" >&2
    exit 77
fi

copy() { # MODE FILE FOLDER
    run install -D --mode "$1" "$2" "$root$3/$(basename "$2")"
}

if [[ -n $source_ ]]; then
    excluded=()
    for one in "${IGNORED[@]}"; do excluded+=(--exclude "$one"); done
    run mkdir -p "$root/opt/$STACK"
    if [[ -z $dry ]]; then
        tar --create --directory "$source_" "${excluded[@]}" . | tar --extract --no-same-owner --directory "$root/opt/$STACK"
    fi
fi
for file in "$HERE"/units/*; do copy 0644 "$file" /etc/systemd/system; done
for file in "$HERE"/journald/*; do copy 0644 "$file" /etc/systemd; done
shopt -s nullglob
for file in "$HERE"/etc/*.env "$HERE"/etc/*.json; do copy 0644 "$file" "/etc/$STACK"; done
for file in "$HERE"/lib/*; do [[ -d $file ]] || copy 0755 "$file" "/usr/local/lib/$STACK"; done
for file in "$HERE"/lib/lib/*.sh; do copy 0644 "$file" "/usr/local/lib/$STACK/lib"; done
for file in "$HERE"/lib/lib/environments/*.sh; do copy 0644 "$file" "/usr/local/lib/$STACK/lib/environments"; done
run install -d --mode 0700 "$root/etc/$STACK/secrets" "$root/var/backups/$STACK"

# Addresses and secrets are yours: an example is only taken where there is no file yet.
for file in "$HERE"/etc/*.env.example "$HERE"/etc/secrets/*.env.example; do
    folder=/etc/$STACK
    [[ $file != "$HERE"/etc/secrets/* ]] || folder+=/secrets
    place=$root$folder/$(basename "$file" .example)
    [[ -e $place ]] || run install --mode 0600 "$file" "$place"
done

empty=()
for file in "$root/etc/$STACK"/addresses.env "$root/etc/$STACK"/secrets/*.env; do
    while IFS= read -r name; do
        empty+=("$name in ${file#"$root"}")
    done < <(sed -nE 's/^([A-Za-z_][A-Za-z0-9_]*)=$/\1/p' "$file" 2>/dev/null)
done
if ((${#empty[@]})); then
    printf 'these have no value yet:\n' >&2
    printf '  %s\n' "${empty[@]}" >&2
fi
[[ -z $root ]] || exit 0
run systemctl daemon-reload
run systemctl enable "${STARTED[@]}"
if ((${#empty[@]})); then
    printf 'hint: fill them in, then: systemctl start %s.target\n' "$STACK" >&2
    exit 5
fi
[[ -z $start ]] || run systemctl restart "$STACK.target"
