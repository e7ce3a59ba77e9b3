"""Go: one static binary on an image that holds nothing else."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from fairlead.dockerfile.subject import Recipe, Subject, exec_form

VERSION = "1.25"
DISTROLESS = "gcr.io/distroless/static-debian12"


def recipe(subject: Subject) -> Recipe:
    """Modules in a layer of their own; the binary has the name that the command gives it."""
    program, *arguments = _command(subject)
    name = PurePosixPath(program).name
    modules = [file for file in ("go.mod", "go.sum") if file in subject.files]
    fetch = [f"COPY {' '.join(modules)} ./", "RUN go mod download"] if modules and not _vendored(subject) else []
    build = f'RUN go build -trimpath -ldflags="-s -w" -o /out/{name} {_package(subject)}'
    base = subject.base("golang", _version(subject))
    return Recipe(
        builder=(
            f"FROM {base} AS builder", *subject.arguments, "ENV CGO_ENABLED=0", "WORKDIR /src", *fetch,
            "COPY . .", build,
        ),
        test=("FROM builder AS test", f"CMD {exec_form(['go', 'test', './...'])}"),
        production=(
            f"FROM {subject.base(DISTROLESS, 'nonroot')} AS production",
            "WORKDIR /app",
        ),
        code=(f"COPY --from=builder /out/{name} /app/{name}",),
        command=(f"/app/{name}", *arguments),
    )  # fmt: skip


def _version(subject: Subject) -> str:
    """Ours, or the one of `go.mod` where that is newer."""
    found = re.search(r"^go\s+(\d+)\.(\d+)", subject.files.text("go.mod"), re.MULTILINE)
    ours = tuple(int(part) for part in VERSION.split("."))
    return f"{found[1]}.{found[2]}" if found and (int(found[1]), int(found[2])) > ours else VERSION


def _vendored(subject: Subject) -> bool:
    return "vendor/modules.txt" in subject.files


def _package(subject: Subject) -> str:
    """What is built: the package `go run` names, `cmd/<service>`, the only one under `cmd`, or the directory."""
    command = subject.service.command or []
    if command[:2] == ["go", "run"] and len(command) > 2:
        return command[2]
    under = sorted({name.split("/")[1] for name in subject.files.names if re.match(r"cmd/[^/]+/[^/]+\.go$", name)})
    chosen = subject.name if subject.name in under else under[0] if len(under) == 1 else None
    return f"./cmd/{chosen}" if chosen else "."


def _command(subject: Subject) -> list[str]:
    """`go run <package> <arguments>` is the built binary with these arguments."""
    command = subject.service.command or [subject.name]
    return [subject.name, *command[3:]] if command[:2] == ["go", "run"] else list(command)
