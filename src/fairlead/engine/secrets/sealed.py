"""The stack's encrypted file: names in clear, each value encrypted by itself with age.

One entry a secret, sorted, so that changes of two people merge and a diff says which secrets changed; and so that
anybody can list names, and add a secret, without the key. A value is encrypted together with its name: an entry put
under another name does not open. Age does not sign: whoever may write to the repository can replace a value, but
never read one.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fairlead.engine.secrets.identity import KeyRing
from fairlead.errors import StackError, StateError, UsageError
from fairlead.kit import yaml
from fairlead.kit.files import write_atomically

FILE = "secrets.enc.yaml"
"""Beside the stack file."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
LARGEST_VALUE = 64 * 1024
"""Bytes: Linux gives a program no variable beyond 128 KiB (MAX_ARG_STRLEN in execve(2))."""

_HEADER = (
    "# Values are encrypted with age, names are not; `fairlead secrets set` and `fairlead secrets edit` change it.\n"
)


class SealError(StateError):
    """An entry that does not open: the wrong key, or it was changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An encrypted value in base64, and when it was set (seconds since the epoch)."""

    value: str
    changed: float


@dataclass(frozen=True, slots=True)
class Sealed:
    """The whole file. `recipients` are public keys: who can open it."""

    recipients: tuple[str, ...]
    entries: Mapping[str, Entry] = field(default_factory=dict)


def seal(name: str, value: str, recipients: Iterable[str], now: float) -> Entry:
    """The entry that holds `value` under `name`. Raises `UsageError` for what no program could be given."""
    import pyrage

    check(name, value)
    keys = [_recipient(text) for text in recipients]
    locked = pyrage.encrypt(json.dumps([name, value]).encode(), keys)
    return Entry(base64.b64encode(locked).decode(), now)


def unseal(name: str, entry: Entry, recipients: Iterable[str], ring: KeyRing) -> str:
    """The value under `name`. Raises `SealError`."""
    import pyrage

    try:
        opened = json.loads(pyrage.decrypt(base64.b64decode(entry.value, validate=True), ring.identities))
    except (pyrage.DecryptError, binascii.Error, ValueError):
        raise _locked(name, recipients, ring) from None
    if not (isinstance(opened, list) and len(opened) == 2 and opened[0] == name and isinstance(opened[1], str)):
        raise _damaged(name)
    return opened[1]


def check(name: str, value: str) -> None:
    """Raise `UsageError` for a name or a value that no program could be given."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name}: should be letters, digits, `_`, `-` and `.`, and not begin with a digit")
    if not value:
        raise UsageError(f"{name}: the value is empty")
    if "\0" in value:
        raise UsageError(f"{name}: the value holds a NUL character, which no program can be given")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise UsageError(f"{name}: the value is not UTF-8 text") from None
    if size > LARGEST_VALUE:
        raise UsageError(f"{name}: should be at most {LARGEST_VALUE // 1024} KiB, got {size} bytes")


def _recipient(text: str) -> Any:
    from pyrage import RecipientError, x25519

    try:
        return x25519.Recipient.from_str(text)
    except RecipientError:
        raise StateError(f"{FILE}: recipients: not an age public key", hint="each should begin with age1") from None


def _locked(name: str, recipients: Iterable[str], ring: KeyRing) -> SealError:
    ours = {str(identity.to_public()) for identity in ring.identities}
    if ours.isdisjoint(recipients):
        return SealError(
            f"{FILE}: {name}: the age key in {ring.place} is not one that opens it",
            hint="get the right key from whoever set the secrets",
        )
    return _damaged(name)


def _damaged(name: str) -> SealError:
    return SealError(
        f"{FILE}: {name}: the entry is damaged",
        hint=f"take {FILE} from version control, or set the secret anew: fairlead secrets set {name}",
    )


def read(path: Path) -> Sealed | None:
    """The file, or `None` where there is none. Raises `StateError` with file and line."""
    if not path.exists():
        return None
    try:
        document = yaml.read(path, path.name)
        if document.problems:
            raise StackError(document.problems)
    except StackError as error:
        raise StateError(str(error), hint=f"take {path.name} from version control, or mend that line") from None
    return _sealed(document)


def _sealed(document: yaml.Document) -> Sealed:
    data = document.data
    if not isinstance(data, dict) or data.get("fairlead_secrets") != 1:
        raise _wrong(document, (), "should begin with `fairlead_secrets: 1`")
    recipients = data.get("recipients")
    if not isinstance(recipients, list) or not recipients or not all(isinstance(one, str) for one in recipients):
        raise _wrong(document, ("recipients",), "should be a list of age public keys")
    values = data.get("values") or {}
    if not isinstance(values, dict):
        raise _wrong(document, ("values",), "should be a mapping of names")
    return Sealed(tuple(recipients), {name: _entry(document, name, value) for name, value in values.items()})


def _entry(document: yaml.Document, name: str, data: object) -> Entry:
    match data:
        case {"value": str(value), "changed": str(changed)} if NAME.fullmatch(name):
            try:
                return Entry(value, datetime.fromisoformat(changed).timestamp())
            except ValueError:
                pass
    raise _wrong(document, ("values", name), "should hold `changed` (a time) and `value`")


def _wrong(document: yaml.Document, path: yaml.KeyPath, what: str) -> StateError:
    where = ": ".join(filter(None, [f"{document.file}:{document.line(path) or 1}", yaml.dotted(path)]))
    return StateError(f"{where}: {what}", hint=f"take {document.file} from version control")


def write(path: Path, sealed: Sealed) -> None:
    """Put the file there, whole or not at all. Raises `StateError`; the old file then stays."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.width = 1 << 30  # one line a value, however long
    text = io.StringIO(_HEADER)
    text.seek(0, io.SEEK_END)
    writer.dump(_plain(sealed), text)
    if len(text.getvalue()) > yaml.MAX_BYTES:
        raise StateError(f"{path.name}: would be larger than {yaml.MAX_BYTES // 1024} KiB", hint="remove secrets")
    try:
        write_atomically(path, text.getvalue(), mode=0o644)
    except OSError as error:
        raise StateError(f"{path}: can't be written: {error.strerror}") from error


def _plain(sealed: Sealed) -> dict[str, Any]:
    entries = {
        name: {"changed": _iso(entry.changed), "value": entry.value} for name, entry in sorted(sealed.entries.items())
    }
    return {"fairlead_secrets": 1, "recipients": list(sealed.recipients), "values": entries}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(round(moment), UTC).isoformat().replace("+00:00", "Z")
