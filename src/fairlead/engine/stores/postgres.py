"""PostgreSQL on this machine: a cluster of its own for each store, passwords by SCRAM, local address only.

Services get a role that owns its database and nothing else; the superuser's password stays with the engine.
"""

from __future__ import annotations

import os
from pathlib import Path

from fairlead.engine.launching import limits
from fairlead.engine.runtime import Launch, StopPolicy
from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores import STORES, external, initdb, passwords, programs
from fairlead.engine.stores.account import Account, ours, without_rights
from fairlead.engine.stores.pgnames import SUPERUSER, check_names, options, role, verifier
from fairlead.engine.stores.programs import Binaries
from fairlead.engine.stores.psql import Login
from fairlead.errors import FairleadError, RuntimeFailure, StateError
from fairlead.stack.model.store import Store

PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
"""Where Debian, the PostgreSQL project and Homebrew put the server, which is seldom on the PATH."""

_PROVIDE = r"""
SELECT format('CREATE ROLE %I LOGIN', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'verifier';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
"""


class Postgres:
    """A server that the engine starts directly, without pg_ctl: it stays in the foreground and logs to its output."""

    name = "postgres"
    stop_signal = "SIGINT"  # "fast": ends sessions, then writes everything out

    def find(self, version: str | None) -> Binaries:
        found = [_binaries(folder) for folder in programs.folders("postgres", PLACES)]
        return programs.choose(self.name, filter(None, found), version, package="postgresql-{major}")

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        data = folder / "data"
        check_names(store, folder)
        try:
            _make_folder(folder)
            account = _account(data)
            account.check_reach(folder)
            admin, _ = (passwords.kept(folder / name) for name in ("admin-password", "password"))
            binaries = self._binaries_for(store, data)
            if initdb.version_of(data) is None:
                initdb.make(data, binaries, account, admin)
        except OSError as error:
            raise StateError(f"{folder}: can't be used: {error.strerror}") from error
        initdb.forget_dead_server(data)
        _check_settings(store, folder, binaries, account)

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        data = folder / "data"
        given: dict[str, str | int | float | bool] = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        return Launch(
            id=folder.name,
            argv=(str(self._binaries_for(store, data)["postgres"]), "-D", str(data), *options(store.settings | given)),
            cwd=folder,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            ports={"port": port},
            limits=limits(store.resources),
            stop=StopPolicy(self.stop_signal, 60.0),
            user=_account(data).name,
        )

    async def ready(self, store: Store, folder: Path, port: int) -> str | None:
        """Lets the services' role in to its database; makes both when they are missing."""
        if external.outside(store):
            return await external.ready(store)
        try:
            return await self._let_in(store, folder, port)
        except FairleadError as error:  # a server installed or a password readable a moment ago no longer is
            return error.message

    async def _let_in(self, store: Store, folder: Path, port: int) -> str | None:
        client = self._binaries_for(store, folder / "data")["psql"]
        login = Login(client, port, role(store), store.database, passwords.read(folder / "password"))
        problem = await login.ask("SELECT 1;")
        if problem and ("does not exist" in problem or "authentication failed" in problem):
            problem = await self._provide(login, passwords.read(folder / "admin-password")) or await login.ask(
                "SELECT 1;"
            )
        return problem

    async def _provide(self, login: Login, admin: Secret) -> str | None:
        superuser = Login(login.program, login.port, SUPERUSER, "postgres", admin)
        sql = f"\\set verifier '{verifier(login.password)}'\n{_PROVIDE}"
        return await superuser.ask(sql, role=login.role, database=login.database)

    def url(self, store: Store, folder: Path, port: int) -> str:
        if store.external:
            return store.external
        password = passwords.read(folder / "password").reveal()
        return f"postgresql://{role(store)}:{password}@127.0.0.1:{port}/{store.database}"

    def admin_url(self, folder: Path, port: int) -> str:
        """The superuser's address, for backups: a secret value."""
        password = passwords.read(folder / "admin-password").reveal()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"

    def address(self, store: Store, folder: Path, port: int) -> str:
        return external.shown(store.external) if store.external else f"postgresql://127.0.0.1:{port}/{store.database}"

    def passwords(self, folder: Path) -> list[Secret]:
        return passwords.those_there(folder / "password", folder / "admin-password")

    def _binaries_for(self, store: Store, data: Path) -> Binaries:
        """The version asked for, else the one that made the data, else the newest. Raises `StateError`."""
        made_by = initdb.version_of(data)
        binaries = self.find(store.version or made_by)
        if made_by not in (None, binaries.major):
            raise StateError(
                f"{data}: was made by postgres {made_by}, and the stack asks for {store.version}",
                hint=f'dump it with {made_by} and load it with {store.version}, or set version: "{made_by}"',
            )
        return binaries


def _binaries(folder: Path) -> Binaries | None:
    version = programs.version_of(folder / "postgres")
    found = {name: folder / name for name in ("postgres", "initdb", "psql")}
    return Binaries(version, found) if version and all(path.is_file() for path in found.values()) else None


def _make_folder(folder: Path) -> None:
    """Whoever runs the server has to pass through it; the passwords in it are for us alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711 if os.getuid() == 0 else 0o700)


def _account(data: Path) -> Account:
    """Who runs the server: the owner of its data, which no other user may open."""
    if os.getuid() != 0 and data.exists() and data.stat().st_uid != os.getuid():
        raise StateError(f"{data}: belongs to another user", hint="run fairlead as that user, or chown -R it")
    if os.getuid() == 0:
        return without_rights(_owner(data) or (SUPERUSER, "nobody"))
    return ours()


def _owner(data: Path) -> tuple[str, ...] | None:
    try:
        return (data.owner(),) if data.exists() and data.stat().st_uid != 0 else None
    except KeyError:  # an owner without a name: the server itself says what is wrong then
        return None


def _check_settings(store: Store, folder: Path, binaries: Binaries, account: Account) -> None:
    """Have the server itself read them, so that a wrong one is told before it is started."""
    if not store.settings:
        return
    done = account.run([binaries["postgres"], "-D", folder / "data", *options(store.settings), "-C", "port"])
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "FATAL:" in line), "refused")
        raise RuntimeFailure(f"stores.{folder.name}.settings: {said.rpartition('FATAL:')[2].strip()}")


STORES.register("postgres")(Postgres())
