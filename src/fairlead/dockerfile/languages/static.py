"""A web site of files: nginx as an ordinary user, built by Node first where there is something to build."""

from __future__ import annotations

from fairlead.dockerfile.languages import node
from fairlead.dockerfile.subject import Recipe, Subject
from fairlead.stack.containers import inner_ports

TAG = "1.28-alpine"
SITE = "/usr/share/nginx/html"
PORT = 8080

_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def recipe(subject: Subject) -> Recipe:
    """nginx writes to /tmp alone, so that the rest of its root can be read-only."""
    built = _built(subject)
    copied = f"COPY --from=builder /app/{built} {SITE}" if built else f"COPY {_folder(subject)} {SITE}"
    lines = " \\\n    ".join(f"'{line}'" for line in configuration(subject))
    return Recipe(
        builder=_builder(subject) if built else (),
        production=(
            f"FROM {subject.base('nginx', TAG)} AS production",
            f"RUN printf '%s\\n' \\\n    {lines} \\\n    >/etc/nginx/nginx.conf",
        ),
        code=(copied,),
        command=tuple(subject.service.command or ("nginx", "-g", "daemon off;")),
        asker="wget",
    )


def configuration(subject: Subject) -> list[str]:
    """The lines of nginx.conf; without single quotes, since a shell writes them.

    A site that is built is mostly one page that finds its own way: what is not there is answered with it.
    """
    port = next(iter(inner_ports(subject.service).values()), PORT)
    return [
        "pid /tmp/nginx.pid;",
        "error_log stderr;",
        "events {}",
        "http {",
        "  include /etc/nginx/mime.types;",
        "  default_type application/octet-stream;",
        "  access_log /dev/stdout;",
        *(f"  {name}_temp_path /tmp/{name};" for name in _TEMPORARY),
        "  sendfile on;",
        "  gzip on;",
        "  gzip_types text/css application/javascript application/json image/svg+xml;",
        "  server_tokens off;",
        "  server {",
        f"    listen {port};",
        f"    root {SITE};",
        *(["    error_page 404 =200 /index.html;"] if _built(subject) else []),
        "  }",
        "}",
    ]


def _folder(subject: Subject) -> str:
    return "." if "index.html" in subject.files else "public" if "public/index.html" in subject.files else "."


def _built(subject: Subject) -> str | None:
    """The folder that the script `build` of `package.json` writes to."""
    package = subject.files.json("package.json")
    if "build" not in package.get("scripts", {}):
        return None
    return "build" if "react-scripts" in package.get("dependencies", {}) else "dist"


def _builder(subject: Subject) -> tuple[str, ...]:
    installer = node.chosen(subject)
    return (
        f"FROM {subject.base('node', f'{node.version(subject)}-slim')} AS builder",
        *subject.arguments,
        "WORKDIR /app",
        *node.installing(installer, subject),
        f"RUN {installer.every}",
        "COPY . .",
        f"RUN {installer.run} build",
    )
