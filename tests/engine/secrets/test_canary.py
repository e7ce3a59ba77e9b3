"""Made-up values go through everything that handles secrets; afterwards only the files meant to hold them do."""

from __future__ import annotations

import base64
import contextlib
import json
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest

from fairlead.engine.runtime import Launch
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.engine.secrets import FILE, edit, list_secrets, redact, resolve, rotate_key, set_secret
from fairlead.errors import FairleadError

from .conftest import MakeStack

CANARIES = {
    "from-env": "canary-" + "env-4711",
    "from-file": 'canary "file" ' + "4712",
    "from-encrypted": "canary-" + "encrypted\n4713",
    "edited": "canary-" + "edited-4714",
}


def traces(values: Iterable[str]) -> set[bytes]:
    """The values as a careless writer would leave them."""
    found = set()
    for value in values:
        raw = value.encode()
        found |= {raw, base64.b64encode(raw)[:-4], json.dumps(value)[1:-1].encode(), raw.split(b"\n")[0]}
    return found


def holding(folder: Path) -> list[str]:
    """Files in which a value can be found."""
    known = traces(CANARIES.values())
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file.name for file in files if any(trace in file.read_bytes() for trace in known))


async def test_no_file_but_the_env_file_ends_up_with_a_value(
    stack: MakeStack,
    repository: Path,
    environ: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    env_file = repository / ".env"
    env_file.write_text("from-file='{}'\n".format(CANARIES["from-file"]))
    env_file.chmod(0o600)
    environ["FROM_ENV"] = CANARIES["from-env"]
    town = stack(
        from_env={"env": "FROM_ENV"},
        from_file={"file": ".env"},
        from_encrypted={"encrypted": True},
        edited={"encrypted": True},
    )
    set_secret(repository / FILE, "from-encrypted", CANARIES["from-encrypted"], environ=environ, now=0)
    with edit(repository / FILE, environ=environ) as draft:
        draft.file.write_text(draft.file.read_text() + f"edited={CANARIES['edited']}\n")
        draft.save(now=1)
    rotate_key(repository / FILE, environ=environ)
    found = resolve(town, town.secrets, base=repository, environ=environ)
    assert {name: secret.reveal() for name, secret in found.items()} == CANARIES

    runtime = ProcessRuntime(tmp_path / "instances")
    values = {name.replace("-", "_"): secret.reveal() for name, secret in found.items()}
    await runtime.start(Launch("canary", ("/bin/sleep", "0"), repository, values))
    await runtime.ended("canary")

    shown = [repr(found), repr(draft), repr(list_secrets(town, base=repository, environ=environ))]
    for text in (*CANARIES.values(), "AGE-SECRET-KEY-" + "1CANARY"):
        with contextlib.suppress(FairleadError):
            resolve(town, town.secrets, base=repository, environ={"FAIRLEAD_AGE_KEY": text})
    said = capfd.readouterr()
    assert not [trace for trace in traces(CANARIES.values()) if trace in "".join([*shown, *said, caplog.text]).encode()]
    assert holding(tmp_path) == [".env"]
    assert stat.S_IMODE((repository / FILE).stat().st_mode) == 0o644


def test_the_search_would_find_a_value(tmp_path: Path) -> None:
    (tmp_path / "careless.log").write_text(f"token is {CANARIES['from-env']}")
    (tmp_path / "careful.log").write_text("token is ***")
    assert holding(tmp_path) == ["careless.log"]


def test_errors_of_every_wrong_place_show_no_value(stack: MakeStack, repository: Path, environ: dict[str, str]) -> None:
    value = CANARIES["from-env"]
    wrong = [f"{value}\n", f"A='{value}\n", f'A="{value}" {value}\n', f'A="\\{value}"\n', f"A={value}\nA={value}\n"]
    for text in wrong:
        (repository / ".env").write_text(text)
        with pytest.raises(FairleadError) as caught:
            resolve(stack(token={"file": ".env"}), ["token"], base=repository, environ=environ)
        assert value not in f"{caught.value.message}{caught.value.hint}"


def test_what_redact_leaves_of_a_log_line_holds_no_value(
    stack: MakeStack, repository: Path, environ: dict[str, str]
) -> None:
    town = stack(from_env={"env": "FROM_ENV"})
    found = resolve(town, ["from-env"], base=repository, environ={"FROM_ENV": CANARIES["from-env"]})
    assert redact(f"connect: {CANARIES['from-env']}@db refused", found.values()) == "connect: ***@db refused"
