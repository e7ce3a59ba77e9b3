"""Secrets as files: which ones, who reads them, and the script that makes and checks them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.kit.quantity import format_duration
from fairlead.render.parts.dumping import HEADER, SOURCE
from fairlead.render.targets.compose.project import SECRETS, Asked, Data, Project, is_outside

FOLDER = "secrets"
SCRIPT = "secrets.sh"
ASKED = re.compile(r"\$\{(\w+):\?run")
TLS = ("tls-certificate", "tls-key")


def password(store: str) -> str:
    """The secret that a store of ours lets in by."""
    return f"{store}-password"


def url(store: str) -> str:
    """The secret that holds the whole address of a managed store."""
    return f"{store}-url"


def read(secret: str) -> str:
    """Its value, for a shell in a container."""
    return f"$(cat {SECRETS}/{secret})"


def asked(secret: str) -> str:
    """Its value, put in by Compose: for a program of which we don't know how it starts."""
    return f"${{{variable(secret)}:?run ./{SCRIPT} first}}"


def variable(secret: str) -> str:
    """Its name in `.env`."""
    return secret.upper().replace("-", "_")


def declared(names: set[str]) -> Data:
    """Where Compose finds them."""
    return {name: {"file": f"./{FOLDER}/{name}"} for name in sorted(names)}


def used(services: Data) -> set[str]:
    """Those that some container is given."""
    every = (one for service in services.values() for one in service.get("secrets", []))
    return {one["source"] if isinstance(one, dict) else one for one in every}


def plain(services: Data) -> set[str]:
    """Those that Compose itself puts into variables."""
    told = (value for service in services.values() for value in service.get("environment", {}).values())
    return {_secret(found) for value in told if isinstance(value, Asked) for found in ASKED.findall(value)}


def _secret(variable: str) -> str:
    return variable.lower().replace("_", "-")


def script(project: Project, names: set[str], plain: set[str], *, root: str) -> str:
    """Makes passwords, fetches what the stack file names, and tells what is missing. Values are in no argument."""
    lines = [HEADER.format(source=SOURCE).rstrip(), *START.format(root=root).splitlines()]
    for name in sorted(names | plain):
        lines += _lines(project, name)
    lines += ["", ": >.env"]
    lines += [f"env_line {variable(name)} {name}" for name in sorted(plain)]
    lines += ["exit $missing"]
    return "#!/bin/sh\n" + "\n".join(lines) + "\n"


def _lines(project: Project, name: str) -> Iterator[str]:
    said = project.stack.secrets.get(name)
    yield ""
    if said is None:
        stores = [store for store, one in project.stack.stores.items() if not is_outside(one)]
        made = name in {password(store) for store in stores} or name == "grafana-password"
        tls = project.stack.router.tls
        files = dict(zip(TLS, (tls.certificate, tls.key) if tls else (None, None), strict=True))
        if made:
            yield f"made {name}"
        elif files.get(name):
            yield f'copied {name} "{files[name]}"'
        else:
            yield f"put {name}"
        return
    if said.description or said.rotate:
        rotated = f"replaced every {format_duration(said.rotate)}" if said.rotate else ""
        yield "# " + "; ".join(" ".join(part.split()) for part in (said.description, rotated) if part)
    if said.env:
        yield f'told {name} "${{{said.env}-}}" {said.env}'
    elif said.file:
        yield f'line_of {name} "{said.file}" {said.key or name}'
    elif said.manager:
        yield f"put {name} # in the secret manager: {said.manager}, {said.key or name}"
    else:
        yield f"put {name} # in the encrypted file: {said.key or name}"


START = """\
# Puts every secret into a file of secrets/, which containers read. What is there already stays.
# shellcheck disable=SC2329 # not every stack needs all of these functions
# Run it once before `docker compose up`, with the variables that it asks for, from any folder.
set -eu
cd "$(dirname "$0")"
root=${{STACK_ROOT:-{root}}} # the folder of the stack file
missing=0
umask 022
mkdir -p secrets
chmod 711 secrets # the files have to be readable for users inside of containers; nobody can list them

written() {{ cat >"secrets/$1.new" && mv "secrets/$1.new" "secrets/$1"; }}
there() {{ [ -s "secrets/$1" ]; }}
lacks() {{
    echo "secrets/$1: missing: $2" >&2
    missing=1
}}
made() {{
    there "$1" || {{
        printf 'Fl1-'
        od -An -N24 -tx1 /dev/urandom | tr -d ' \\n'
    }} | written "$1"
}}
told() {{ if [ -n "$2" ]; then printf %s "$2" | written "$1"; else there "$1" || lacks "$1" "set $3"; fi; }}
put() {{ there "$1" || lacks "$1" "write its value into that file"; }}
copied() {{
    from=$2
    case $from in /*) ;; *) from=$root/$from ;; esac
    if [ -f "$from" ]; then cat "$from" | written "$1"; else there "$1" || lacks "$1" "no file $from"; fi
}}
line_of() {{
    if [ -f "$root/$2" ]; then
        sed -n "s/^$3=//p" "$root/$2" | tr -d '\\n' | written "$1"
    else
        there "$1" || lacks "$1" "no file $root/$2"
    fi
}}
env_line() {{
    umask 077
    if there "$2"; then printf "%s='%s'\\n" "$1" "$(cat "secrets/$2")" >>.env; fi
}}
"""
