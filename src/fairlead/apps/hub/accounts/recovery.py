"""Settles what a killed process left: its spool is read, brought to an end, and written to the ledger.

Whoever finds the folder of a process that is dead (its lock is free) does it: the process that comes after it, or one
beside it. Requests that were answered go to the ledger as they are. Those that were under way become entries with the
status `UNKNOWN` and the cost of their reservation: a provider may have served them, nobody can know. Then the rest of
the dead process's slices goes back. Until that is done they stay taken: a budget is not overspent by what is forgotten,
it is only smaller for a while. Everything here can be done twice.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from zlib import crc32

from fairlead.apps.hub.accounts.entries import DAY_S, UNKNOWN, Row
from fairlead.apps.hub.accounts.limits import CONCURRENT_ENDS, MEASURES, MONEY
from fairlead.apps.hub.accounts.spool.records import ENDED, Begun, Ended, Record, decode, encode
from fairlead.apps.hub.accounts.spool.segment import HEAD, records, torn
from fairlead.apps.hub.accounts.spool.spool import LOCK, SUFFIX
from fairlead.apps.hub.accounts.stores import Budgets, Ledger
from fairlead.kit.files import locked

BATCH = 500
"""Rows for the ledger at once."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Remains:
    """What a spool says."""

    answered: int = 0
    unknown: int = 0
    """Those that an interrupted recovery has brought to an end."""
    open: dict[str, Begun] = field(default_factory=dict)
    """Requests under way."""
    spent: dict[str, int] = field(default_factory=dict)
    """Counter -> its sum."""
    torn: int = 0
    """Segments whose last record is not whole."""

    def read(self, record: Record) -> None:
        """The next record."""
        match record:
            case Begun():
                self.open[record.id] = record
            case Ended():
                self.answered += record.row.status != UNKNOWN
                self.unknown += record.row.status == UNKNOWN
                self.open.pop(record.row.id, None)
                self.spent |= {name: max(count, self.spent.get(name, 0)) for name, count in record.spent.items()}
            case _:
                self.open.pop(record.id, None)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of a spool."""

    holder: str
    answered: int
    unknown: int
    torn: int


def dead(folder: Path) -> list[Path]:
    """Spools below `folder` whose owner is gone."""
    found = []
    for path in sorted(folder.glob("[!.]*")):
        with contextlib.suppress(OSError), _owned(path) as ours:
            if ours:
                found.append(path)
    return found


async def recover(spool: Path, ledger: Ledger, budgets: Budgets) -> Recovered | None:
    """Settle a spool and delete it; `None` when somebody else has it. Raises `StoreAway`; the spool then stays."""
    with _owned(spool) as ours:
        if not ours:
            return None
        remains = read(spool)
        if remains.open:
            _bring_to_an_end(spool, remains, await budgets.spent(spool.name))
        rows = _rows(spool)
        while batch := list(islice(rows, BATCH)):
            await ledger.write(batch)
        await budgets.close(spool.name, remains.spent)
        _delete(spool)
    recovered = Recovered(spool.name, remains.answered, remains.unknown, remains.torn)
    log.warning("settled what a killed process left: %s", recovered)
    return recovered


def read(spool: Path) -> Remains:
    """What all whole records of a spool say, in their order."""
    remains = Remains()
    for data in _segments(spool):
        for record in records(data):
            remains.read(decode(record))
        remains.torn += torn(data)
    return remains


def _segments(spool: Path) -> Iterator[bytes]:
    for path in sorted(spool.glob(f"*.{SUFFIX}")):
        yield path.read_bytes()


def _rows(spool: Path) -> Iterator[Row]:
    """For the ledger. Read a second time, since a spool may be larger than memory."""
    for data in _segments(spool):
        for record in records(data):
            if record.startswith(ENDED) and isinstance(ended := decode(record), Ended):
                yield ended.row


def _bring_to_an_end(spool: Path, remains: Remains, known: dict[str, int]) -> None:
    """Write down how those under way end, before anybody is told: so that their cost is added once."""
    for name, count in known.items():
        remains.spent[name] = max(count, remains.spent.get(name, 0))
    ends = [_unknown(begun, remains.spent) for begun in remains.open.values()]
    _append(spool, [encode(one) for one in ends])
    for one in ends:
        remains.read(one)


def _unknown(begun: Begun, spent: dict[str, int]) -> Ended:
    """Adds what was reserved to `spent`."""
    charged = {name: count for name, count in begun.held.items() if not name.endswith(CONCURRENT_ENDS)}
    for name, count in charged.items():
        spent[name] = spent.get(name, 0) + count
    money = max((count for name, count in charged.items() if f"|{MEASURES[MONEY]}|" in name), default=0)
    row = Row(
        begun.id, begun.key, begun.digest, begun.team, begun.model, "", "", "unknown", UNKNOWN, begun.started, None,
        begun.started, 0, 0, 0, 0, 0, None, money, True, int(begun.started // DAY_S),
    )  # fmt: skip
    return Ended(row, {name: spent[name] for name in charged})


def _append(spool: Path, ends: Sequence[bytes]) -> None:
    """A last segment, complete or not there."""
    path = spool / f"9999999999.{SUFFIX}"
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        for record in ends:
            file.write(HEAD.pack(len(record), crc32(record)) + record)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _delete(spool: Path) -> None:
    """The lock last: without it nobody looks at the rest."""
    for path in sorted(spool.iterdir(), key=lambda one: one.name == LOCK):
        path.unlink()
    spool.rmdir()


@contextlib.contextmanager
def _owned(spool: Path) -> Iterator[bool]:
    if not (spool / LOCK).exists():
        yield False
        return
    with locked(spool / LOCK) as ours:
        yield ours and (spool / LOCK).exists()
