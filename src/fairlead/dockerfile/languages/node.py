"""Node: dependencies by the package manager whose lock file is there, those for developers left out in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fairlead.dockerfile.subject import Recipe, Subject, exec_form

VERSION = "24"
"""Node's long-term release."""


@dataclass(frozen=True, slots=True)
class Installer:
    """How one package manager is called: `every` with what only developers need, `prune` takes that out again."""

    files: tuple[str, ...]
    every: str
    production: str
    prune: str
    run: str
    prepare: tuple[str, ...] = ()


_COREPACK = ("RUN corepack enable",)
_CLEAN_YARN = "yarn cache clean"
INSTALLERS = {
    "package-lock.json": Installer(
        ("package.json", "package-lock.json"),
        "npm ci && npm cache clean --force",
        "npm ci --omit=dev && npm cache clean --force",
        "npm prune --omit=dev",
        "npm run",
    ),
    "pnpm-lock.yaml": Installer(
        ("package.json", "pnpm-lock.yaml"),
        "pnpm install --frozen-lockfile",
        "pnpm install --frozen-lockfile --prod",
        "pnpm prune --prod",
        "pnpm run",
        _COREPACK,
    ),
    "yarn.lock": Installer(
        ("package.json", "yarn.lock"),
        f"yarn install --frozen-lockfile && {_CLEAN_YARN}",
        f"yarn install --frozen-lockfile --production && {_CLEAN_YARN}",
        f"yarn install --frozen-lockfile --production --prefer-offline && {_CLEAN_YARN}",
        "yarn run",
        _COREPACK,
    ),
    ".yarnrc.yml": Installer(
        ("package.json", "yarn.lock"),
        f"yarn install --immutable && {_CLEAN_YARN}",
        f"yarn workspaces focus --all --production && {_CLEAN_YARN}",
        f"yarn workspaces focus --all --production && {_CLEAN_YARN}",
        "yarn run",
        _COREPACK,
    ),
    "": Installer(
        ("package.json",),
        "npm install && npm cache clean --force",
        "npm install --omit=dev && npm cache clean --force",
        "npm prune --omit=dev",
        "npm run",
    ),
}
"""By the lock file, newer Yarns by their settings; without one, npm takes the newest that `package.json` allows."""


def recipe(subject: Subject) -> Recipe:
    """With a step that builds where `package.json` has a script `build`."""
    base = subject.base("node", f"{version(subject)}-slim")
    installer = chosen(subject)
    package = subject.files.json("package.json")
    command = _command(subject)
    start = (f"FROM {base} AS production", "ENV NODE_ENV=production", "WORKDIR /app")
    if not package:
        return Recipe(production=start, code=("COPY . .",), command=command, asker="node")
    scripts = package.get("scripts", {})
    builds = "build" in scripts
    built = (f"RUN {installer.run} build && {installer.prune}",) if builds else ()
    every = f"RUN {installer.every}"
    return Recipe(
        builder=(
            f"FROM {base} AS builder", *subject.arguments, "WORKDIR /app", *installing(installer, subject),
            every if builds else f"RUN {installer.production}", "COPY . .", *built,
        ),
        development=("FROM builder AS development", every, f"CMD {exec_form(command)}"),
        test=("FROM development AS test", f"CMD {exec_form([*installer.run.split(), 'test'])}")
        if "test" in scripts
        else (),
        production=start,
        code=("COPY --from=builder /app /app",),
        command=command,
        asker="node",
    )  # fmt: skip


def chosen(subject: Subject) -> Installer:
    """The package manager of the directory."""
    return INSTALLERS[subject.files.first("pnpm-lock.yaml", ".yarnrc.yml", "yarn.lock", "package-lock.json") or ""]


def installing(installer: Installer, subject: Subject) -> tuple[str, ...]:
    """What comes before the installation: the manager itself, and the files that say what is needed."""
    beside = [name for name in (".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml") if name in subject.files]
    own = ("COPY .yarn ./.yarn",) if any(name.startswith(".yarn/") for name in subject.files.names) else ()
    return (*installer.prepare, f"COPY {' '.join([*installer.files, *beside])} ./", *own)


def version(subject: Subject) -> str:
    """The major version that `.nvmrc`, `.node-version` or a plain `engines.node` says."""
    engines = subject.files.json("package.json").get("engines", {})
    said = (
        subject.files.text(".nvmrc"),
        subject.files.text(".node-version"),
        engines.get("node", "") if isinstance(engines, dict) else "",
    )
    found = (re.match(r"^\s*[v^~]?(\d+)(\.[\dx.]+)?\s*$", str(text)) for text in said)
    return next((match[1] for match in found if match), VERSION)


def _command(subject: Subject) -> tuple[str, ...]:
    """As the stack file says, else the program that `package.json` names; not `npm start`, which swallows signals."""
    if not subject.service.command:
        main = subject.files.json("package.json").get("main")
        named = main if isinstance(main, str) else subject.files.first("server.js", "index.js")
        if named:
            return ("node", named)
    return subject.needed_command("node server.js")
