"""PostgreSQL as a container, by the conventions of the official image (https://hub.docker.com/_/postgres).

The image makes the cluster at the first start; the services' role and database are ours, as on this machine. Nobody
gets in without a password, from wherever, and no password is in an environment.
"""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.launching import limits
from fairlead.engine.runtime import Container, Launch, Mount, StopPolicy
from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores import initdb, passwords, pgwire
from fairlead.engine.stores.contained import CONTAINED, pinned
from fairlead.engine.stores.contained.owner import own, owner, private
from fairlead.engine.stores.pgnames import SUPERUSER, check_names, options, role, verifier
from fairlead.engine.stores.postgres import Postgres
from fairlead.errors import StateError
from fairlead.stack.model.store import Store

USUAL = "17"
"""The version when neither the stack file nor the data say one."""

PORT = 5432
DATA, SOCKET, CONFIG = "/var/lib/fairlead/data", "/var/run/postgresql", "/etc/fairlead"
ACCESS = "local all all scram-sha-256\nhost all all all scram-sha-256\n"
"""pg_hba.conf."""

INIT = "--auth=scram-sha-256 --encoding=UTF8 --lc-messages=C --lc-collate=C --lc-ctype=C.UTF-8"
"""As `initdb.make` has it: sorting by code point, which no update of the C library can spoil."""


class ContainedPostgres(Postgres):
    """The official image with our passwords and settings, as the owner of the data."""

    def image(self, store: Store, folder: Path) -> str:
        made_by = initdb.version_of(folder / "data") if any((folder / "data").glob("*")) else None
        asked = store.version or made_by or USUAL
        if made_by not in (None, asked.partition(".")[0]):
            raise StateError(
                f"{folder / 'data'}: was made by postgres {made_by}, and the stack asks for {asked}",
                hint=f'dump it with {made_by} and load it with {asked}, or set version: "{made_by}"',
            )
        return f"postgres:{asked}"

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        check_names(store, folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            admin, _ = (passwords.kept(folder / name) for name in ("admin-password", "password"))
            user = own(folder / "data")
            private(folder / "inside" / "admin-password", admin.reveal(), user)
            private(folder / "inside" / "pg_hba.conf", ACCESS, user)
        except OSError as error:
            raise StateError(f"{folder}: can't be used: {error.strerror}") from error

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        user = owner(folder / "data")
        given = {"listen_addresses": "*", "hba_file": f"{CONFIG}/pg_hba.conf"}
        container = Container(
            image=pinned.needed(folder),
            mounts=(
                Mount("bind", DATA, str(folder / "data")),
                Mount("bind", CONFIG, str(folder / "inside"), read_only=True),
                Mount("tmpfs", SOCKET),
                Mount("tmpfs", "/dev/shm"),  # noqa: S108 - inside; Docker's own has 64 MiB, too little for parallel queries
            ),
            user=f"{user}:{user}",
            alias=folder.name,
            publish={PORT: port},
        )
        return Launch(
            id=folder.name,
            argv=("postgres", *options({**store.settings, **given})),
            cwd=Path(),
            environment={
                "PGDATA": DATA,
                "POSTGRES_PASSWORD_FILE": f"{CONFIG}/admin-password",
                "POSTGRES_INITDB_ARGS": INIT,
            },
            ports={"port": PORT},
            limits=limits(store.resources),
            stop=StopPolicy(self.stop_signal, 60.0),
            container=container,
        )

    async def _let_in(self, store: Store, folder: Path, port: int) -> str | None:
        password = passwords.read(folder / "password")
        try:
            await pgwire.ask(pgwire.Login(port, role(store), store.database, password), "SELECT 1")
        except pgwire.Refused as refused:
            if not refused.unknown:
                return refused.message
            await _provide(store, port, password, passwords.read(folder / "admin-password"))
            await pgwire.ask(pgwire.Login(port, role(store), store.database, password), "SELECT 1")
        return None

    def inner_url(self, store: Store, folder: Path) -> str:
        password = passwords.read(folder / "password").reveal()
        return f"postgresql://{role(store)}:{password}@{folder.name}:{PORT}/{store.database}"


async def _provide(store: Store, port: int, password: Secret, admin: Secret) -> None:
    """Make the services' role and its database; `check_names` has seen both names."""
    login, name, database = pgwire.Login(port, SUPERUSER, "postgres", admin), role(store), store.database
    if not await pgwire.ask(login, f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):  # noqa: S608 - checked names
        await pgwire.ask(login, f'CREATE ROLE "{name}" LOGIN')
    await pgwire.ask(login, f"ALTER ROLE \"{name}\" LOGIN PASSWORD '{verifier(password)}'")
    if not await pgwire.ask(login, f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):  # noqa: S608 - as above
        await pgwire.ask(login, f'CREATE DATABASE "{database}" OWNER "{name}"')


CONTAINED.register("postgres")(ContainedPostgres())
