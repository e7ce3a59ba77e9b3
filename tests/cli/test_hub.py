"""`fairlead hub`: as a process that serves, and as commands that look at a configuration or at keys."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from .conftest import Fairlead, Result, Start

SAID = "open: true\nproviders: [echo]\nmodels:\n  assistant: echo/echo\n"
ASKED = {"model": "assistant", "messages": [{"role": "user", "content": "Say hello"}]}


@contextmanager
def serving(start: Start, *words: str) -> Iterator[tuple[list[str], list[str]]]:
    """The addresses of a hub's listeners, clients' last, and its log; it has to end well when it is asked to."""
    process = start("hub", "serve", *words)
    assert process.stderr is not None
    log: list[str] = []
    while not log or "listening on" not in log[-1]:
        log.append(process.stderr.readline().decode())
        assert log[-1], f"it ended with {process.wait()}: {log}"
    yield re.findall(r"127\.0\.0\.1:\d+", "".join(log)), log
    process.terminate()
    log += process.stderr.read().decode().splitlines()
    assert process.wait() == 0


def test_it_serves_by_the_variables_of_a_stack(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ports, its folder, and the file with what `with:` says."""
    config = tmp_path / "v1.json"
    config.write_text(json.dumps({"open": True, "models": {"assistant": "echo/echo"}}))
    given = {"PORT": 0, "PORT_METRICS": 0, "DATA_DIR": tmp_path / "data", "FAIRLEAD_CONFIG": config}
    for name, value in given.items():
        monkeypatch.setenv(name, str(value))
    with serving(start) as ((metrics, http), _), httpx.Client(trust_env=False) as client:
        assert client.post(f"http://{http}/v1/chat/completions", json=ASKED).status_code == 200
        assert client.get(f"http://{http}/readiness").status_code == 200
        assert "fairlead_hub_requests_total" in client.get(f"http://{metrics}/metrics").text
    assert (tmp_path / "data" / "hub.db").exists()


def test_it_logs_for_machines_when_it_is_asked_to(start: Start, tmp_path: Path) -> None:
    """Each line is an object."""
    with serving(start, "--port", "0", "--folder", str(tmp_path / "state"), "--log-format", "json") as (_, log):
        pass
    assert [json.loads(line)["level"] for line in log]


def ended(start: Start, *words: str) -> Result:
    """What is left of a hub that does not begin to serve."""
    process = start("hub", "serve", *words)
    out, err = process.communicate(timeout=30)
    return Result(process.returncode, out.decode(), err.decode())


def test_a_taken_port_is_named(start: Start, tmp_path: Path) -> None:
    """With what to do about it, and the exit code of what can't be started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = ended(start, "--port", str(port), "--folder", str(tmp_path / "state"))
    assert said.code == 7
    assert f"127.0.0.1:{port}: the port is taken by another program" in said.err
    assert "hint: end what listens there" in said.err


def test_a_folder_that_is_none_is_named(start: Start, tmp_path: Path) -> None:
    """A file stands where it should be."""
    (tmp_path / "taken").write_text("")
    said = ended(start, "--port", "0", "--folder", str(tmp_path / "taken" / "state"))
    assert said.code == 5
    assert str(tmp_path / "taken") in said.err


def test_a_wrong_configuration_is_told_with_its_lines(fairlead: Fairlead, start: Start, tmp_path: Path) -> None:
    """The same by `check` as by `serve`: every problem, and what may have been meant."""
    file = tmp_path / "hub.yaml"
    file.write_text("providers:\n  echo: {}\n  opnai: {}\nmodels:\n  gpt-4.1: eho/echo\n")
    problems = [
        f"error: {file}:3: providers.opnai: unknown provider: opnai (did you mean `openai`?)",
        f"error: {file}:5: models.gpt-4.1: unknown provider eho (did you mean `echo`?)",
    ]
    served = ended(start, "--port", "0", "--folder", str(tmp_path / "state"), "--config", str(file))
    for said in (fairlead("hub", "check", str(file)), served):
        assert said.code == 3
        assert [line for line in said.err.splitlines() if line.startswith("error")] == problems


def test_a_right_configuration_shows_who_answers(fairlead: Fairlead, tmp_path: Path) -> None:
    """By model, for people and for programs."""
    file = tmp_path / "hub.yaml"
    file.write_text(SAID + "  big: {targets: [echo/a, {to: echo/b, weight: 3}], fallbacks: [echo/c]}\n")
    assert "no problems" in fairlead("hub", "check", str(file)).out
    told = json.loads(fairlead("hub", "models", "--config", str(file), "--json").out)["models"]
    assert told[0] == {"model": "assistant", "targets": ["echo/echo"], "fallbacks": [], "balance": "weighted"}
    assert told[1]["targets"] == ["echo/a (1)", "echo/b (3)"]
    assert "echo/c" in fairlead("hub", "models", "--config", str(file)).out


def test_keys_are_made_shown_once_and_ended(fairlead: Fairlead, tmp_path: Path) -> None:
    """Their values are in no list and no file."""
    where = ("--folder", str(tmp_path / "state"))
    assert "no keys" in fairlead("hub", "keys", "list", *where).out
    made = fairlead("hub", "keys", "create", "alice", "--usd", "5", "--per", "day", "--model", "gpt-*", *where)
    other = fairlead("hub", "keys", "rotate", "alice", "--overlap", "30s", *where)
    listed = fairlead("hub", "keys", "list", *where).out
    revoked = fairlead("hub", "keys", "revoke", "alice", *where)
    after = json.loads(fairlead("hub", "keys", "list", "--json", *where).out)["keys"]

    secrets = [said.out.strip() for said in (made, other)]
    assert all(secret.startswith("sk-fl-") for secret in secrets)
    assert "5 USD per day" in listed
    assert revoked.code == 0
    assert after == [{"name": "alice", "revoked": True, "models": ["gpt-*"], "limits": [{"usd": 5.0, "per": "day"}]}]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret in listed or secret.encode() in kept]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["create", "alice", "--requests", "many"], "expected a rate"),
        (["create", "alice/bob"], "name: expected letters"),
        (["revoke", "nobody"], "there is no key nobody"),
        (["rotate", "alice", "--overlap", "long"], "--overlap"),
    ],
)
def test_keys_that_can_not_be_are_refused(words: list[str], why: str, fairlead: Fairlead, tmp_path: Path) -> None:
    """In one sentence, with the exit code of a wrong command."""
    said = fairlead("hub", "keys", *words, "--folder", str(tmp_path))
    assert said.code == 2
    assert why in said.err
