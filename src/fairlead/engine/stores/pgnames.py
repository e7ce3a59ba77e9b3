"""Names, settings and passwords of a PostgreSQL server, whatever it runs in. Pure, but for the salt of a password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from fairlead.engine.secrets.value import Secret
from fairlead.errors import RuntimeFailure
from fairlead.stack.model.store import Store

OURS = {"port", "listen_addresses", "unix_socket_directories", "data_directory", "config_file", "hba_file",
        "ident_file", "external_pid_file", "password_encryption", "logging_collector", "log_destination"}  # fmt: skip
"""Settings that Fairlead gives itself, or that would take the server or its log out of its hands."""

SUPERUSER = "postgres"
NAME = r"(?!pg_)[A-Za-z_][A-Za-z0-9_-]{0,62}"


def role(store: Store) -> str:
    """The services' role: named as its database, unless that is the superuser's."""
    return "app" if store.database == SUPERUSER else store.database


def check_names(store: Store, folder: Path) -> None:
    """Raise `RuntimeFailure` for a name of a database or a setting that can't be one."""
    if not re.fullmatch(NAME, store.database) or store.database in ("template0", "template1"):
        raise RuntimeFailure(
            f"stores.{folder.name}.database: should be at most 63 letters, digits, `_` or `-`, got {store.database!r}"
        )
    for name in store.settings:
        if name.lower() in OURS:
            raise RuntimeFailure(f"stores.{folder.name}.settings.{name}: is set by Fairlead", hint="take it out")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name):
            raise RuntimeFailure(f"stores.{folder.name}.settings.{name}: is no name of a setting of postgres")


def options(settings: Mapping[str, str | int | float | bool]) -> list[str]:
    """Settings as words of a command line."""
    shown = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in settings.items()}
    return [word for name, value in shown.items() for word in ("-c", f"{name}={value}")]


def verifier(password: Secret) -> str:
    """What Postgres keeps of a password (RFC 5803), worked out here so that no statement holds the password itself."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.reveal().encode(), salt, 4096)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored, server = hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256$4096:{encoded[0]}${encoded[1]}:{encoded[2]}"
