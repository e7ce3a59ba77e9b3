"""Secrets: from the references of the stack file to values, which stay in memory and hide themselves.

Each source of values is one file here that registers itself; `fairlead secrets` changes only the encrypted file.
"""

from fairlead.engine.secrets.changing import (
    Rotation,
    change_secrets,
    remove_secret,
    rotate_key,
    set_secret,
)
from fairlead.engine.secrets.editing import Changes, Draft, edit
from fairlead.engine.secrets.resolving import Row, list_secrets, resolve, variables
from fairlead.engine.secrets.sealed import FILE
from fairlead.engine.secrets.source import SOURCES
from fairlead.engine.secrets.value import Secret, redact

__all__ = [
    "FILE",
    "SOURCES",
    "Changes",
    "Draft",
    "Rotation",
    "Row",
    "Secret",
    "change_secrets",
    "edit",
    "list_secrets",
    "redact",
    "remove_secret",
    "resolve",
    "rotate_key",
    "set_secret",
    "variables",
]
