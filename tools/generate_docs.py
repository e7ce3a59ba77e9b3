"""Writes docs/reference from the code, so that the reference is never older than what it describes.

`--check` only compares, and names what is stale: `make check` calls it.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from fairlead import errors
from fairlead.apps.guard.rules import reference as guard_rules
from fairlead.apps.guard.service.describing import reference as guard_api
from fairlead.apps.hub.pages import reference as hub_api
from fairlead.cli.failing import INTERRUPTED
from fairlead.cli.main import root
from fairlead.daemon.metrics import NAMES as METRICS
from fairlead.engine.launching import PASSED_ON
from fairlead.render import reference as targets
from fairlead.render.scene import scene_of
from fairlead.stack.docs import reference
from fairlead.stack.schema import json_schema

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
MARKETPLACE = Path(__file__).resolve().parents[1] / "examples" / "marketplace" / "fairlead.yaml"
WRITTEN = "<!-- Written by tools/generate_docs.py (`make docs`) from the code: change it there. -->\n\n"

GIVEN = {
    "HOST": "the address to listen on: 127.0.0.1, in a container 0.0.0.0",
    "PORT": "the port of the first entry under `ports`, unless it says another name in `env`",
    "PORT_<NAME>": "the ports of the other entries, in capitals, unless they say another name in `env`",
    "<NAME>_URL": "the address of each service or store under `needs`, in capitals, unless it says another name in "
    "`env`; that of a store holds its password",
    "<NAME>_DIR": "the folder of each entry under `volumes`, in capitals, unless it says another name in `env`",
    "FAIRLEAD_STACK": "the name of the stack",
    "FAIRLEAD_SERVICE": "the name of the service",
    "FAIRLEAD_VERSION": "the version, such as `v3`",
    "FAIRLEAD_INSTANCE": "the instance, such as `api-v3-1`",
    "FAIRLEAD_CONFIG": "the file with what `with:` says, as JSON; only where it says something",
    "FAIRLEAD_CELL": "marks every process of an instance, so that none is left behind",
}
"""Variable -> what it says. A test compares this with what a running service is given."""

READ = {
    "FAIRLEAD_STATE": "where the [state folder](state-folder.md) is, instead of `.fairlead` beside the stack file",
    "FAIRLEAD_AGE_KEY": "the key of the encrypted secrets file itself",
    "FAIRLEAD_AGE_KEY_FILE": "where that key is, instead of `~/.config/fairlead/age.key`",
    "FAIRLEAD_GUARD_KEY": "the key of fingerprints in reports and baselines of `fairlead guard scan`",
    "FAIRLEAD_HELM_PYTHON": "a Python with `helm-sdkpy`, for `fairlead render helm --check` where there is no `helm`",
    "FAIRLEAD_DEBUG": "set to anything, errors come with the place in the code where they arose",
    "NO_COLOR": "set to anything, nothing is coloured (https://no-color.org)",
}
"""Variable that Fairlead itself reads -> what it does."""

STATE = {
    "journal.db": "the journal (SQLite, with its `-wal` and `-shm`): what is wanted, every release, the audit trail",
    "journal.copy": "the last whole copy of the journal, for `fairlead doctor --repair`",
    "daemon.sock": "where the daemon listens; among the temporary files when this path is too long for a socket",
    "envoy-admin.sock": "where Fairlead talks to Envoy; in the same place as `daemon.sock`",
    "daemon.lock": "held by the daemon for as long as it lives, with its process id",
    "daemon.log": "what the daemon writes",
    "token": "the token for the API over TCP, once `fairlead daemon start --listen HOST:PORT` was used",
    "instances": "a folder for each instance: its shim's lock, process id, exit code and log",
    "router": "Envoy's configuration, socket and access log",
    "versions": "a copy of each version's folder",
    "settings": "for each version what its `with:` says; no secret is in it",
    "data": "the volumes; removed by `fairlead down --data` only",
    "stores": "the data of stores, and their passwords (0600); removed by `fairlead down --data` only",
    ".gitignore": "keeps all of this out of version control",
}
"""Entry of the state folder -> what it holds. A test compares this with the folder of a running stack."""


def cli() -> str:
    """Every command, with its options."""
    context = click.Context(root, info_name="fairlead", color=False)
    intro = (
        "# Command line\n\nThese options stand before or after any command:\n\n"
        + _options(root, context)
        + "\nA command ends with 0, or with the [exit code](errors.md) of what went wrong.\n"
    )
    return intro + "".join(_commands(root, context))


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = _named(group, context, name)
        below = click.Context(command, info_name=name, parent=context, color=False)
        yield _command(command, below)
        if isinstance(command, click.Group):
            yield from _commands(command, below)


def _named(group: click.Group, context: click.Context, name: str) -> click.Command:
    command = group.get_command(context, name)
    if command is None:
        raise LookupError(name)
    return command


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    parts = [f"\n## `{context.command_path}`\n", f"{text}\n", f"```text\n{usage}\n```\n"]
    options = _options(command, context)
    return "\n".join([*parts, options] if options else parts)


def _options(command: click.Command, context: click.Context) -> str:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    records = filter(None, (option.get_help_record(context) for option in options))
    rows = [(f"`{name}`", text) for name, text in records]
    return _table(("option", "meaning"), rows) if rows else ""


def error_page() -> str:
    """Every error and its exit code."""
    rows = [(f"`{name}`", str(kind.exit_code), _sentence(kind)) for name, kind in error_classes()]
    return (
        "# Errors and exit codes\n\nAn error says where, what is wrong and what was found; a hint says how to mend it. "
        "[What to do](../how-to/when-something-fails.md) about each.\n\n"
        + _table(("error", "exit code", "meaning"), rows)
        + f"\nBeside these: 0 when all went well, {INTERRUPTED} after Ctrl-C.\n"
    )


def error_classes(
    kind: type[errors.FairleadError] = errors.FairleadError,
) -> Iterator[tuple[str, type[errors.FairleadError]]]:
    """Name and class, parents first."""
    yield kind.__name__, kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from error_classes(child)


def environment() -> str:
    """What a service finds in its environment."""
    passed = ", ".join(f"`{name}`" for name in PASSED_ON)
    return (
        "# Variables given to a service\n\nA service does not inherit the environment of whoever starts Fairlead. It "
        "gets these variables, then what its `environment` and `secrets` say, which win.\n\n"
        + _table(("variable", "value"), [(f"`{name}`", text) for name, text in GIVEN.items()])
        + f"\nPassed on where they are set: {passed}.\n"
        + "\n## Variables that Fairlead reads\n\n"
        + _table(("variable", "meaning"), [(f"`{name}`", text) for name, text in READ.items()])
    )


def metrics() -> str:
    """What the daemon measures."""
    rows = [(f"`{name}`", kind, text) for name, (kind, text) in METRICS.items()]
    return (
        "# Metrics\n\nIn Prometheus' text format at `/metrics` of the daemon: on its socket, and over TCP with "
        "`fairlead daemon start --listen HOST:PORT`. Labels: `service`, `version`.\n\n"
        + _table(("metric", "type", "meaning"), rows)
    )


def state_folder() -> str:
    """What is in `.fairlead`."""
    return (
        "# The state folder\n\n`.fairlead` beside the stack file, or the folder named in `FAIRLEAD_STATE`. It "
        "belongs to the daemon: read it, but don't write there.\n\n"
        + _table(("entry", "holds"), [(f"`{name}`", text) for name, text in STATE.items()])
    )


def contents() -> str:
    """The first page."""
    return """# Reference

Written from the code.

- [Command line](cli.md): every command and option
- [Stack file](stack.md): every key
- [JSON Schema](stack.schema.json) of the stack file, for editors
- [Errors and exit codes](errors.md)
- [Variables given to a service](environment.md)
- [Metrics](metrics.md)
- [Metrics of the hub](hub-metrics.md)
- [The state folder](state-folder.md)
- [The hub's API](hub-api.md)
- [Clients of the hub](hub-clients.md): what each official client gets from each provider
- [The guard's API](guard-api.md)
- [Render targets](targets.md): what each writes, and which tools judge it
- [What those tools say](render-checks.md) of the five systems, and their versions
- [What the guard knows](guard-rules.md): every form of secret, by issuer
"""


def _sentence(kind: type) -> str:
    return re.sub(r"\s+", " ", inspect.getdoc(kind) or "").removesuffix(".")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def pages() -> dict[str, str]:
    """File name -> content."""
    written = {
        "README.md": contents(),
        "cli.md": cli(),
        "stack.md": reference(),
        "errors.md": error_page(),
        "environment.md": environment(),
        "metrics.md": metrics(),
        "state-folder.md": state_folder(),
        "targets.md": targets.page(scene_of(MARKETPLACE, None, {})),
        "hub-api.md": hub_api.markdown(),
        "guard-api.md": guard_api.markdown(),
        "guard-rules.md": guard_rules.page(),
    }
    made = {name: WRITTEN + text.strip() + "\n" for name, text in written.items()}
    return made | {"stack.schema.json": json.dumps(json_schema(), indent=2) + "\n"}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    made = pages()
    stale = [name for name, text in made.items() if not _is(REFERENCE / name, text)]
    if "--check" in arguments:
        for name in stale:
            print(f"error: docs/reference/{name}: is not what the code says\nhint: make docs", file=sys.stderr)
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(made[name])
        print(f"docs/reference/{name}")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
