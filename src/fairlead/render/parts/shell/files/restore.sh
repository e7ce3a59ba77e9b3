#!/usr/bin/env bash
# Brings a store, data or configuration back: the newest backup, or the newest one of a moment.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"
# shellcheck source=/dev/null
source "$LIB/keeping.sh"

usage() {
    cat <<'END'
Usage: restore [latest|YYYYMMDD_HHMMSS] [--environment NAME] [--only THING]… [--yes] [--dry-run]

Restores what `backup` saved: `latest`, or the newest backup that is not newer than a moment (UTC),
such as 20241118_030000. What is there now is replaced.

  -e, --environment NAME  Environment of the stack file.
  --only THING            A store, `data` or `configuration`. Default: all stores and `data`.
  --from WHERE            A folder, s3://…, gs://… or az://…. Default: as the stack file says.
  --yes                   Don't ask.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

only=()
point=latest
yes=
WHERE_WANTED=
while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --only) one=$(value "$@"); only+=("$one"); shift ;;
        --from) WHERE_WANTED=$(value "$@"); shift ;;
        --yes) yes=yes ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) misused "no such option: $1" ;;
        *) point=$1 ;;
    esac
    shift
done
[[ $point == latest || $point =~ ^[0-9]{8}_[0-9]{6}$ ]] || misused "expected latest or YYYYMMDD_HHMMSS, got $point"
facts
umask 077

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

chosen() { # THING: the newest name that is not newer than the moment.
    local name stamp found=
    if [[ -n $DRY_RUN ]]; then
        printf '%s%s' "$(prefix_of "$1")" "$point"
        return
    fi
    while read -r name; do
        stamp=${name#"$(prefix_of "$1")"}
        stamp=${stamp:0:15}
        if [[ $point == latest || ! $stamp > $point ]]; then
            found=$name
        fi
    done < <(kept "$1")
    printf '%s' "$found"
}

postgres() { # STORE FILE
    needs pg_restore "Debian: postgresql-client"
    local url
    url=$(url_of "$1")
    run pg_restore --clean --if-exists --no-owner --single-transaction --dbname "$url" "$2"
}

redis() { # A server reads its file when it starts.
    local unit=${REDIS_UNIT:-redis-server} home=${REDIS_DIR:-/var/lib/redis}
    run systemctl stop "$unit"
    run rm -rf "$home/appendonlydir"
    run install --owner redis --group redis --mode 0660 "$2" "$home/dump.rdb"
    run systemctl start "$unit"
}

kafka() {
    local servers topic partitions copies
    servers=$(url_of "$1")
    [[ -z $DRY_RUN ]] || { run kafka-topics.sh --create --if-not-exists; return; }
    while IFS=$'\t' read -r topic partitions copies; do
        run kafka-topics.sh --bootstrap-server "${servers#kafka://}" --create --if-not-exists \
            --topic "$topic" --partitions "$partitions" --replication-factor "$copies"
    done < <(sed -nE 's/^Topic: ?(\S+).*PartitionCount: ?([0-9]+).*ReplicationFactor: ?([0-9]+).*/\1\t\2\t\3/p' "$2")
}

search() {
    local name=snapshot url
    url=$(url_of "$1")
    [[ -n $DRY_RUN ]] || read -r name <"$2"
    run curl --fail --silent --show-error --request POST "$url/_snapshot/$STACK/$name/_restore"
}

bring_back() { # THING KIND
    local name file
    name=$(chosen "$1")
    [[ -n $name ]] || die "no backup of $1 as of $point in $(where_of "$1")" 5
    file=$folder/$name
    say "restoring $1 from $name"
    run rclone copyto "$(remote "$(where_of "$1")")/$name" "$file"
    file=$(opened "$file")
    case $2 in
        postgres) postgres "$1" "$file" ;;
        redis) redis "$1" "$file" ;;
        kafka) kafka "$1" "$file" ;;
        elasticsearch | opensearch) search "$1" "$file" ;;
        data | configuration) run tar --extract --gzip --absolute-names --keep-directory-symlink --file "$file" ;;
    esac
}

wanted=()
for thing in "${THINGS[@]}"; do
    if ((${#only[@]})); then
        has "$thing" "${only[@]}" && wanted+=("$thing")
    elif [[ ${KINDS[$thing]} != objects && $thing != configuration ]]; then
        wanted+=("$thing")
    fi
done
((${#wanted[@]})) || die "nothing of that is saved (there are: ${THINGS[*]})" 64
if [[ -z $yes && -z $DRY_RUN ]]; then
    read -rp "replace ${wanted[*]} of ${ENVIRONMENT:-the stack} by the backup $point? [y/N] " answer
    [[ $answer == [yY]* ]] || die "nothing was done" 1
fi
needs rclone "Debian: rclone"
for thing in "${wanted[@]}"; do
    bring_back "$thing" "${KINDS[$thing]}"
done
say "restored ${wanted[*]}"
