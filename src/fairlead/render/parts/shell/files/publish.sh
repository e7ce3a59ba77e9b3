#!/usr/bin/env bash
# Publishes what the stack file names. What is published already is left alone.
# shellcheck disable=SC2034,SC2153  # names that the files it reads use, and give
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/lib/common.sh"

usage() {
    cat <<'END'
Usage: publish [WHAT]… --tag VERSION [--dry-run]

WHAT is pypi, npm, crates, images, binaries or chart. Default: what the stack file publishes.

  -t, --tag VERSION       The version.
  -e, --environment NAME  Environment of the stack file.
  --dry-run               Only tell what would be done.
  -h, --help              This text.
END
}

what=()
tag=
while (($#)); do
    case $1 in
        -t | --tag) tag=$(value "$@"); shift ;;
        -e | --environment) ENVIRONMENT=$(value "$@"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) misused "no such option: $1" ;;
        *) what+=("$1") ;;
    esac
    shift
done
facts
project
[[ -n $tag ]] || misused "--tag is needed"
tag=${tag#v}
((${#what[@]})) || what=("${PUBLISH[@]}")
((${#what[@]})) || die "the stack file publishes nothing: pipeline.publish" 5

dry=()
[[ -z $DRY_RUN ]] || dry=(--dry-run)

for one in "${what[@]}"; do
    say "== $one"
    case $one in
        pypi)
            run python3 -m build
            run twine upload --skip-existing --non-interactive dist/*.whl dist/*.tar.gz
            ;;
        npm)
            if [[ -z $DRY_RUN ]] && npm view "$(node -p 'require("./package.json").name')@$tag" version >/dev/null 2>&1; then
                say "npm: $tag is published already"
            else
                run npm publish --access public
            fi
            ;;
        crates) run cargo publish ;;
        images) "$LIB/../build" --push --tag "$tag" ${ENVIRONMENT:+--environment "$ENVIRONMENT"} "${dry[@]}" ;;
        binaries)
            "$LIB/../build" --release --tag "$tag" ${ENVIRONMENT:+--environment "$ENVIRONMENT"} "${dry[@]}"
            if [[ -n $DRY_RUN ]] || ! gh release view "v$tag" >/dev/null 2>&1; then
                run gh release create "v$tag" --verify-tag --notes-file dist/NOTES.md
            fi
            run gh release upload "v$tag" --clobber dist/*.tar.gz dist/SHA256SUMS
            ;;
        chart)
            run fairlead ${ENVIRONMENT:+--env "$ENVIRONMENT"} render helm --out dist/chart
            run helm package dist/chart --version "$tag" --app-version "$tag" --destination dist
            run helm push "dist/$STACK-$tag.tgz" "oci://$REGISTRY/charts"
            ;;
        *) misused "no such thing to publish: $one" ;;
    esac
done
