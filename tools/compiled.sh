#!/usr/bin/env bash
# Builds a wheel with the hub's hot path compiled for this machine, and unpacks it to build/compiled/package: what is
# measured and tested there is what the wheels for a platform hold. Needs a C compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

out=build/compiled
rm -rf "$out"
mkdir -p "$out"
echo "compiling the hub's hot path ..."
HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 .venv/bin/python -m build --wheel --outdir "$out" . >"$out/build.log" 2>&1 || {
    tail -n 40 "$out/build.log" >&2
    printf 'error: the hub could not be compiled\nhint: a C compiler is needed (Debian: apt-get install gcc libc6-dev python3-dev)\n' >&2
    exit 4
}
.venv/bin/python -m zipfile -e "$out"/*.whl "$out/package"
PYTHONPATH=$out/package .venv/bin/python - <<'END'
from fairlead.apps.hub.serving import flight

assert flight.__file__.endswith(".so"), f"{flight.__file__} is not compiled"
print(f"compiled: {flight.__file__}")
END
