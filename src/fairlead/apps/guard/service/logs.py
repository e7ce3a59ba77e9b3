"""What the service says for people and for collectors of logs: a line for each thing, on standard error.

No text and no value is in it. What an exception says may hold one, so only its kind and its places are told.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from types import TracebackType
from typing import Literal

Form = Literal["text", "json"]

_USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime"}
"""What every record has."""


class _Careful(logging.Formatter):
    """Exceptions without their words."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """Its kind, and where it came by."""
        if not isinstance(ei, tuple) or ei[0] is None:
            return ""
        return told(ei[1])


class Lines(_Careful):
    """One JSON object a line: when (RFC 3339, UTC), how bad, who says it, and what; fields given as `extra` beside."""

    def format(self, record: logging.LogRecord) -> str:
        """As JSON."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        said = {
            "at": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def told(error: BaseException) -> str:
    """The kinds of an error and of its causes, and the places in the code; none of their words."""
    place: TracebackType | None = error.__traceback__
    places = [f"{one.name} ({one.filename.rpartition('/')[2]}:{one.lineno})" for one in traceback.extract_tb(place)]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{type(error).__name__} in {' > '.join(places)}" + (f"; after {told(cause)}" if cause else "")


def set_up(form: Form, level: int = logging.INFO) -> None:
    """Log to standard error in this form from now on."""
    lines = logging.StreamHandler()
    lines.setFormatter(Lines() if form == "json" else _Careful("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[lines], force=True)
