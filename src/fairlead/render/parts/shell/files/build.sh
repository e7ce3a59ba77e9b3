#!/usr/bin/env bash
# Builds the project, its images, or its release for every platform.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: build [--images] [--push] [--release] [--tag TAG] [--service NAME] [--platform OS/ARCH]… [--dry-run]

Without options: the project's own build command.

  --images             Build the image of every service that has one.
  --push               Push them, for all platforms at once.
  --release            Build for every platform of the stack file into dist/, with SHA256SUMS and NOTES.md.
  -t, --tag TAG        Version. Default: what `git describe` says.
  -s, --service NAME   Only that one.
  --platform OS/ARCH   Instead of those of the stack file.
  -e, --environment NAME
  --dry-run            Only tell what would be done.
  -h, --help           This text.

For a release the build command is run once for each platform, with TARGETOS, TARGETARCH, GOOS, GOARCH and OUT
(the folder that it puts its files into).
END
}

images='' push='' release='' tag='' service='' platforms=()
while (($#)); do
    case $1 in
        --images) images=yes ;;
        --push) images=yes push=yes ;;
        --release) release=yes ;;
        -t | --tag) tag=$(value "$@"); shift ;;
        -s | --service) service=$(value "$@"); shift ;;
        --platform) one=$(value "$@"); platforms+=("$one"); shift ;;
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        *) misused "no such option: $1" ;;
    esac
    shift
done
facts
project
one_service "$service"
wanted=("${platforms[@]}")
((${#platforms[@]})) || platforms=("${PLATFORMS[@]}")
[[ -n $tag ]] || tag=$(git describe --tags --always --dirty 2>/dev/null || printf 'dev')
tag=${tag#v}

bake() { # Every image of the stack, or one, by the engine that is here.
    local folder arguments=() linux=() one
    needs docker "https://docs.docker.com/engine/install/"
    for one in "${wanted[@]}"; do
        [[ $one != linux/* ]] || linux+=("$one")
    done
    if ((${#linux[@]})); then
        arguments+=(--set "*.platform=$(IFS=, && printf '%s' "${linux[*]}")")
    elif [[ -z $push ]]; then # an engine holds images of its own platform, without attestations
        arguments+=(--set "*.platform=$(docker version --format '{{.Server.Os}}/{{.Server.Arch}}' || true)" --set '*.attest=')
    fi
    if [[ -n $push ]]; then arguments+=(--push); else arguments+=(--load); fi
    folder=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder of now
    trap "rm -rf '$folder'" EXIT
    fairlead_ render docker --out "$folder"
    run env --chdir="$folder" ROOT="$PWD" VERSION="$tag" REVISION="$(git rev-parse HEAD 2>/dev/null || true)" \
        docker buildx bake --file docker-bake.json "${arguments[@]}" ${service:+"$service"}
}

if [[ -n $images ]]; then bake; fi

one_platform() { # OS/ARCH
    local os=${1%%/*} arch=${1#*/} out
    arch=${arch//\//}
    out=$PWD/dist/$STACK-$tag-$os-$arch
    run mkdir -p "$out"
    TARGETOS=$os TARGETARCH=$arch GOOS=$os GOARCH=$arch OUT=$out VERSION=$tag shell "${COMMANDS[release]}"
    run tar --create --gzip --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 \
        --file "$out.tar.gz" --directory "$PWD/dist" "$(basename "$out")"
    run rm -rf "$out"
}

notes() { # What came since the version before.
    local before range=HEAD
    before=$(git describe --tags --abbrev=0 'HEAD^' 2>/dev/null || true)
    [[ -z $before ]] || range=$before..HEAD
    printf '# %s %s\n\n' "$STACK" "$tag"
    git log --no-merges --format='- %s (%h)' "$range" 2>/dev/null || true
}

checksums() {
    cd dist
    sha256sum -- *.tar.gz >SHA256SUMS
}

if [[ -n $release ]]; then
    run rm -rf dist
    for platform in "${platforms[@]}"; do
        one_platform "$platform"
    done
    if [[ -z $DRY_RUN ]]; then
        notes >dist/NOTES.md
        (checksums)
    fi
    say "built $STACK $tag for ${platforms[*]} in dist/"
elif [[ -z $images ]]; then
    VERSION=$tag shell "${COMMANDS[build]}"
fi
