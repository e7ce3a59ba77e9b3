#!/usr/bin/env bash
# Takes the stack off this machine. Data, secrets and backups stay, unless they are asked for.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
source "$HERE/facts.sh"

usage() {
    cat <<END
Usage: uninstall [--purge] [--yes] [--dry-run]

  --purge     Also take away /etc/$STACK with its secrets, /var/lib/$STACK with its data, and /opt/$STACK.
  --yes       Don't ask.
  --dry-run   Only tell what would be done.
  -h, --help  This text.
END
}

purge='' yes='' dry=''
while (($#)); do
    case $1 in
        --purge) purge=yes ;;
        --yes) yes=yes ;;
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

if [[ -z $dry ]] && ((EUID != 0)); then
    printf 'error: only root can remove units\nhint: sudo %s\n' "$0" >&2
    exit 77
fi
if [[ -n $purge && -z $yes$dry ]]; then
    read -rp "take away all data and secrets of $STACK? [y/N] " answer
    [[ $answer == [yY]* ]] || exit 1
fi
run systemctl disable --now "${STARTED[@]}" || true
for file in "$HERE"/units/*; do run rm -f "/etc/systemd/system/$(basename "$file")"; done
for file in "$HERE"/journald/*; do run rm -f "/etc/systemd/$(basename "$file")"; done
run rm -rf "/usr/local/lib/$STACK"
run systemctl daemon-reload
run systemctl stop "$STACK-*" || true # one that was just being started again
run systemctl reset-failed "$STACK-*" || true
if [[ -n $purge ]]; then
    run rm -rf "/etc/$STACK" "/opt/$STACK" "/var/lib/$STACK" "/var/lib/private/$STACK"
else
    printf 'left: /etc/%s, /opt/%s, /var/lib/%s, /var/backups/%s\n' "$STACK" "$STACK" "$STACK" "$STACK"
fi
