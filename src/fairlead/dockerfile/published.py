"""The image of Fairlead itself, from the published package: what the apps of a rendered stack run from."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.dockerfile.subject import Subject, exec_form
from fairlead.dockerfile.writing import common_end

PYTHON = "3.13"
VENV = "/opt/venv"
KEPT = f"{VENV}/cache"
"""Where the guard's patterns are kept, for whoever runs in the image."""
USER = 1001
PORT = 8080
ASK = (
    "import os, urllib.request as r;"
    f" r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '{PORT}') + '/readiness', timeout=2)"
)

HEADER = "# Written by Fairlead. Every app of it (`fairlead hub serve`, `fairlead guard serve`) runs from this image."
INIT = "# Run it with an init process (`docker run --init`, `init: true` in Compose), which reaps what programs leave."


def published(version: str, images: Mapping[str, str]) -> str:
    """The Dockerfile. `version` is the one of the package; every app answers on `/readiness`."""
    return "\n\n".join("\n".join(lines) for lines in _stages(version, images)) + "\n"


def _stages(version: str, images: Mapping[str, str]) -> list[tuple[str, ...]]:
    base = Subject.base_of(images, "python", f"{PYTHON}-slim")
    asked = exec_form(["python", "-c", ASK])
    return [
        (HEADER, INIT),
        (
            f"FROM {base} AS builder",
            "# the package's own version, not that of the image",
            f"ARG FAIRLEAD={version}",
            f"RUN python -m venv {VENV}",
            f"ENV PATH={VENV}/bin:$PATH",
            'RUN pip install --no-cache-dir "fairlead==${FAIRLEAD}" && pip check',
            "# what the guard builds of its patterns takes seconds: built here, every container has it from its start",
            f"RUN XDG_CACHE_HOME={KEPT} fairlead guard scan - < /dev/null && chmod -R a+rX {KEPT}",
        ),
        (
            "FROM builder AS development",
            "# sources that are mounted here go before what is installed",
            "ENV PYTHONPATH=/src PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1",
            "WORKDIR /src",
            f"USER {USER}:{USER}",
            f"ENTRYPOINT {exec_form(['fairlead'])}",
        ),
        (
            "FROM builder AS test",
            f"USER {USER}:{USER}",
            f"CMD {exec_form(['fairlead', '--version'])}",
        ),
        (
            f"FROM {base} AS production",
            f"ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH={VENV}/bin:$PATH",
            f"ENV HOST=0.0.0.0 PORT={PORT} XDG_CACHE_HOME={KEPT}",
            "WORKDIR /app",
            f"EXPOSE {PORT}",
            "STOPSIGNAL SIGTERM",
            "HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \\",
            f"    CMD {asked}",
            f"COPY --from=builder {VENV} {VENV}",
            f"USER {USER}:{USER}",
            f"ENTRYPOINT {exec_form(['fairlead'])}",
            f"CMD {exec_form(['hub', 'serve'])}",
            *common_end("fairlead", "Takes LLM services to production and keeps them there"),
        ),
    ]
