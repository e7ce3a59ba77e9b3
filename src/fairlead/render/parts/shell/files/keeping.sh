# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153  # names that the facts of an environment give
# Where backups are: a folder, or object storage by rclone, which takes its credentials from the usual variables.

remote() { # WHERE [REGION]: as rclone writes it. A copy for another region is in a bucket called after that region.
    local where=$1 region=${2:-} bucket rest
    rest=${where#*://}
    bucket=${rest%%/*}
    rest=${rest#"$bucket"}
    [[ -z $region ]] || bucket=$bucket-$region
    case $where in
        s3://*) printf ':s3,provider=AWS,env_auth=true%s:%s%s' "${region:+,region=$region}" "$bucket" "$rest" ;;
        gs://*) printf ':gcs,env_auth=true:%s%s' "$bucket" "$rest" ;;
        az://*) printf ':azureblob,env_auth=true:%s%s' "$bucket" "$rest" ;;
        *) printf '%s' "$where" ;;
    esac
}

where_of() { # THING
    printf '%s' "${WHERE_WANTED:-${WHERE[$1]:-/var/backups/$STACK}}"
}

prefix_of() { # THING
    printf '%s-%s-%s-' "$STACK" "${ENVIRONMENT:-default}" "$1"
}

keep() { # THING FILE: puts a finished file there, and a copy into the second region.
    local thing=$1 file=$2 name
    name=$(basename "$file")
    run rclone copyto "$file" "$(remote "$(where_of "$thing")")/$name"
    if [[ -n ${REGIONS[$thing]:-} ]]; then
        run rclone copyto "$file" "$(remote "$(where_of "$thing")" "${REGIONS[$thing]}")/$name"
    fi
}

prune() { # THING: takes away what is older than the stack file says; never the newest one.
    local thing=$1 newest
    [[ -n ${KEEP_S[$thing]:-} ]] || return 0
    newest=$(kept "$thing" | tail -n 1)
    run rclone delete --min-age "${KEEP_S[$thing]}s" --filter "- ${newest:-none}" \
        --filter "+ $(prefix_of "$thing")*" --filter '- *' "$(remote "$(where_of "$thing")")"
}

kept() { # THING: the names of what is there, the oldest first.
    [[ -z $DRY_RUN ]] || return 0
    rclone lsf --files-only --include "$(prefix_of "$1")*" "$(remote "$(where_of "$1")")" 2>/dev/null | sort
}

sealed() { # THING FILE: encrypts it where the stack file says so; tells the name of what came out.
    local recipients=${BACKUP_RECIPIENTS:-/etc/$STACK/backup.recipients}
    if [[ ${ENCRYPT[$1]:-yes} != yes ]]; then
        printf '%s' "$2"
        return
    fi
    needs age "Debian: age"
    [[ -n $DRY_RUN || -r $recipients ]] || die "$recipients can't be read: it holds the public keys of backups (age)"
    run age --encrypt --recipients-file "$recipients" --output "$2.age" "$2"
    run rm -f "$2"
    printf '%s' "$2.age"
}

opened() { # FILE: decrypts it where it is encrypted; tells the name of what came out.
    if [[ $1 != *.age ]]; then
        printf '%s' "$1"
        return
    fi
    needs age "Debian: age"
    run age --decrypt --identity "${BACKUP_IDENTITY:?"is not set: the file of the private key (age)"}" \
        --output "${1%.age}" "$1"
    printf '%s' "${1%.age}"
}
