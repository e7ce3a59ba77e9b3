#!/usr/bin/env bash
# Saves stores, data and configuration, and takes away what is too old.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"
# shellcheck source=/dev/null
source "$LIB/keeping.sh"

usage() {
    cat <<'END'
Usage: backup [--environment NAME] [--only THING]… [--to WHERE] [--dry-run]

Saves every store of the stack, `data` (volumes) and `configuration`.

  -e, --environment NAME  Environment of the stack file.
  --only THING            A store, `data` or `configuration`. Default: all.
  --to WHERE              A folder, s3://…, gs://… or az://…. Default: as the stack file says.
  --list                  Tell what is there, and end.
  --dry-run               Only tell what would be done.
  -h, --help              This text.

Addresses of stores are read from the variables that services have (POSTGRES_URL, …).
END
}

only=()
WHERE_WANTED=
listing=
while (($#)); do
    case $1 in
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --only) one=$(value "$@"); only+=("$one"); shift ;;
        --to) WHERE_WANTED=$(value "$@"); shift ;;
        --list) listing=yes ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "no such option: $1" ;;
    esac
    shift
done
facts
umask 077

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
stamp=$(date -u +%Y%m%d_%H%M%S)

postgres() { # STORE FILE
    needs pg_dump "Debian: postgresql-client"
    local url
    url=$(url_of "$1")
    run pg_dump --format=custom --no-owner --file "$2" --dbname "$url"
}

redis() {
    needs redis-cli "Debian: redis-tools"
    local url
    url=$(url_of "$1")
    run redis-cli --no-auth-warning -u "$url" --rdb "$2"
}

kafka() { # The topics and their settings: what a broker holds is made again by services.
    local servers
    servers=$(url_of "$1")
    needs kafka-topics.sh "it comes with Kafka"
    run kafka-topics.sh --bootstrap-server "${servers#kafka://}" --describe >"$2"
}

search() { # Into the repository of snapshots that the cluster has under the name of the stack.
    local url
    url=$(url_of "$1")
    run curl --fail --silent --show-error --request PUT \
        "$url/_snapshot/$STACK/$(basename "$2")?wait_for_completion=true"
    [[ -n $DRY_RUN ]] || printf '%s\n' "$(basename "$2")" >"$2"
}

data() {
    local folders=() one
    for one in "${DATA[@]}"; do # with a slash, as it may be a link of systemd's
        [[ -n $DRY_RUN || -e $one ]] && folders+=("$one/")
    done
    ((${#folders[@]})) || die "none of ${DATA[*]} is here" 5
    run tar --create --gzip --absolute-names --file "$2" "${folders[@]}"
}

configuration() {
    local folders=() one
    project
    for one in "$STACK_FILE" "/etc/$STACK"; do
        [[ -e $one ]] && folders+=("$one")
    done
    if [[ $ON == cluster ]]; then
        needs kubectl "https://kubernetes.io/docs/tasks/tools/"
        run kubectl --namespace "$NAMESPACE" get all,configmaps,ingresses,persistentvolumeclaims --output yaml \
            >"$folder/objects.yaml"
        [[ -n $DRY_RUN ]] || folders+=("$folder/objects.yaml")
    fi
    # What is secret stays out: it has a place of its own.
    run tar --create --gzip --absolute-names --exclude "/etc/$STACK/secrets" --file "$2" "${folders[@]}"
}

save() { # THING KIND
    local file
    file=$folder/$(prefix_of "$1")$stamp
    case $2 in
        postgres) file+=.dump; postgres "$1" "$file" ;;
        redis) file+=.rdb; redis "$1" "$file" ;;
        kafka) file+=.topics; kafka "$1" "$file" ;;
        elasticsearch | opensearch) search "$1" "$file" ;;
        data) file+=.tar.gz; data "$1" "$file" ;;
        configuration) file+=.tar.gz; configuration "$1" "$file" ;;
        objects) say "$1: object storage keeps its own versions"; return 0 ;;
    esac
    file=$(sealed "$1" "$file")
    keep "$1" "$file"
    prune "$1"
    say "saved $1 in $(where_of "$1")"
}

if [[ -z $listing ]]; then needs rclone "Debian: rclone"; fi
for thing in "${THINGS[@]}"; do
    if ((${#only[@]})) && ! has "$thing" "${only[@]}"; then
        continue
    fi
    if [[ -n $listing ]]; then
        kept "$thing"
    else
        save "$thing" "${KINDS[$thing]}"
    fi
done
for thing in "${only[@]}"; do
    has "$thing" "${THINGS[@]}" || die "nothing called $thing is saved (there are: ${THINGS[*]})" 64
done
