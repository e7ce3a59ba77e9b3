"""Rust: crates compiled in a layer of their own, and the binary on an image with the C library alone."""

from __future__ import annotations

from pathlib import PurePosixPath

from fairlead.dockerfile.subject import Recipe, Subject, exec_form

VERSION = "1.90"
DISTROLESS = "gcr.io/distroless/cc-debian12"
"""The same Debian as the builder's: its C library must not be older."""


def recipe(subject: Subject) -> Recipe:
    """The first `cargo build` is of an empty program, for the crates alone."""
    binary = _binary(subject)
    program, *arguments = subject.service.command or [binary]
    arguments = arguments if PurePosixPath(program).name != "cargo" else _after_dashes(arguments)
    locked = " --locked" if "Cargo.lock" in subject.files else ""
    base = subject.base("rust", f"{VERSION}-slim-bookworm")
    return Recipe(
        builder=(
            f"FROM {base} AS builder", *subject.arguments, "WORKDIR /src", *_crates(subject, locked),
            "COPY . .", f"RUN {_touch(subject)}cargo build --release{locked}",
        ),
        test=("FROM builder AS test", f"CMD {exec_form(['cargo', 'test'])}"),
        production=(
            f"FROM {subject.base(DISTROLESS, 'nonroot')} AS production",
            "WORKDIR /app",
        ),
        code=(f"COPY --from=builder /src/target/release/{binary} /app/{binary}",),
        command=(f"/app/{binary}", *arguments),
    )  # fmt: skip


def _binary(subject: Subject) -> str:
    """What cargo calls the program: `cargo run --bin`, the only `[[bin]]`, else the package."""
    command, cargo = subject.service.command or [], subject.files.toml("Cargo.toml")
    if "--bin" in command[:-1] and command[0] == "cargo":
        return command[command.index("--bin") + 1]
    bins = [str(one["name"]) for one in cargo.get("bin", []) if isinstance(one, dict) and "name" in one]
    named = PurePosixPath(command[0]).name if command else ""
    if named in bins or len(bins) == 1:
        return named if named in bins else bins[0]
    return str(cargo.get("package", {}).get("name", subject.name))


def _crates(subject: Subject, locked: str) -> list[str]:
    if not _simple(subject):
        return []
    files = " ".join(name for name in ("Cargo.toml", "Cargo.lock") if name in subject.files)
    sources = "src/main.rs" + (" src/lib.rs" if "src/lib.rs" in subject.files else "")
    empty = "mkdir src && echo 'fn main() {}' >src/main.rs"
    empty += " && touch src/lib.rs" if "src/lib.rs" in subject.files else ""
    return [f"COPY {files} ./", f"RUN {empty} && cargo build --release{locked} && rm {sources}"]


def _touch(subject: Subject) -> str:
    """Cargo goes by times, and the empty program is younger than the real one."""
    if not _simple(subject):
        return ""
    return f"touch {' '.join(name for name in ('src/main.rs', 'src/lib.rs') if name in subject.files)} && "


def _simple(subject: Subject) -> bool:
    """One package with its program where cargo looks for it, and no script that runs before it is built."""
    cargo = subject.files.toml("Cargo.toml")
    return "src/main.rs" in subject.files and "build.rs" not in subject.files and not {"workspace", "bin"} & set(cargo)


def _after_dashes(arguments: list[str]) -> list[str]:
    return arguments[arguments.index("--") + 1 :] if "--" in arguments else []
