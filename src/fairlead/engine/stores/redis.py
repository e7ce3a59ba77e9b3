"""Redis on this machine: append-only file, password, local address only."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from pathlib import Path

from fairlead.engine.launching import limits
from fairlead.engine.runtime import Launch, StopPolicy
from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores import STORES, external, passwords, programs
from fairlead.engine.stores.programs import Binaries
from fairlead.errors import RuntimeFailure, StateError
from fairlead.kit.files import private_folder, write_atomically
from fairlead.stack.model.store import Store

OURS = {"bind", "port", "dir", "requirepass", "aclfile", "user", "include", "daemonize", "logfile", "pidfile",
        "unixsocket", "supervised", "tls-port"}  # fmt: skip
"""Settings that Fairlead gives itself, or that would take the server out of its hands."""

_ANSWER_S = 2.0


class Redis:
    """A server in the foreground whose configuration file, password included, is written at each start."""

    name = "redis"
    stop_signal = "SIGTERM"

    def find(self, version: str | None) -> Binaries:
        program = shutil.which("redis-server")
        found = programs.version_of(Path(program)) if program else None
        installed = [Binaries(found, {"redis-server": Path(program)})] if program and found else []
        return programs.choose(self.name, installed, version, package="redis-server")

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        self.find(store.version)
        try:
            private_folder(folder)
            private_folder(folder / "data")
            password = passwords.kept(folder / "password")
            text = configuration(store, folder.name, password, bind="127.0.0.1", port=port, directory=folder / "data")
            write_atomically(folder / "redis.conf", text)
        except OSError as error:
            raise StateError(f"{folder}: can't be written: {error.strerror}") from error

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        return Launch(
            id=folder.name,
            argv=(str(self.find(store.version)["redis-server"]), str(folder / "redis.conf")),
            cwd=folder,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            ports={"port": port},
            limits=limits(store.resources),
            stop=StopPolicy(self.stop_signal, 30.0),
        )

    async def ready(self, store: Store, folder: Path, port: int) -> str | None:
        if external.outside(store):
            return await external.ready(store)
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await _ask(port, passwords.read(folder / "password"))
        except TimeoutError:
            return f"no answer within {_ANSWER_S:g} s"
        except (OSError, asyncio.IncompleteReadError) as error:
            return _why(error)
        except StateError as error:
            return error.message

    def url(self, store: Store, folder: Path, port: int) -> str:
        return store.external or f"redis://:{passwords.read(folder / 'password').reveal()}@127.0.0.1:{port}/0"

    def address(self, store: Store, folder: Path, port: int) -> str:
        return external.shown(store.external) if store.external else f"redis://127.0.0.1:{port}/0"

    def passwords(self, folder: Path) -> list[Secret]:
        return passwords.those_there(folder / "password")


def configuration(store: Store, name: str, password: Secret, *, bind: str, port: int, directory: Path) -> str:
    """The text of redis.conf. Raises `RuntimeFailure` for settings that are none."""
    settings = {
        "appendonly": "yes",  # at most one second is lost with the machine, nothing with the process
        "save": '""',  # the append-only file holds everything; a snapshot would be a second copy
        **{key: _setting(name, key, value) for key, value in store.settings.items()},
        "bind": bind,
        "port": str(port),
        "dir": _quoted(str(directory)),
        "daemonize": "no",
        "requirepass": password.reveal(),
    }
    return "".join(f"{key} {value}\n" for key, value in settings.items())


def _setting(store: str, name: str, value: str | float | bool) -> str:
    where = f"stores.{store}.settings.{name}"
    if name.lower() in OURS:
        raise RuntimeFailure(f"{where}: is set by Fairlead", hint="take it out")
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or "\n" in text or "\r" in text:
        raise RuntimeFailure(f"{where}: should be one line of redis.conf", hint="name: value, such as maxmemory: 256mb")
    return text or '""'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def _ask(port: int, password: Secret) -> str | None:
    """AUTH and PING in RESP (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for words in (("AUTH", password.reveal()), ("PING",)):
            writer.write(_command(*words))
            answer = (await reader.readuntil(b"\r\n")).decode("utf-8", "replace").strip()
            if not answer.startswith("+"):
                return _problem(answer)
    finally:
        writer.close()
    return None


def _command(*words: str) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return "".join([f"*{len(words)}\r\n", *parts]).encode()


def _problem(answer: str) -> str:
    match answer.lstrip("-").partition(" ")[0]:
        case "WRONGPASS" | "NOAUTH":
            return "refuses the password: another server may be on this port"
        case "LOADING":
            return "reading its data"
        case "ERR" if "AUTH" in answer:
            return "asks for no password: another server may be on this port"
        case _:
            return answer.lstrip("-")[:200]


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return "closed the connection"


STORES.register("redis")(Redis())
