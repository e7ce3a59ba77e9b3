"""What the hub says for people and for collectors of logs: a line for each thing, on standard error.

No prompt, no answer and no key is in it; whoever logs says names, numbers and reasons only.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Literal

Form = Literal["text", "json"]


class Lines(logging.Formatter):
    """One JSON object a line: when (RFC 3339, UTC), how bad, who says it, and what; fields given as `extra` beside."""

    def format(self, record: logging.LogRecord) -> str:
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


def set_up(form: Form, level: int = logging.INFO) -> None:
    """Log to standard error in this form from now on."""
    lines = logging.StreamHandler()
    lines.setFormatter(Lines() if form == "json" else logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[lines], force=True)


_USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime"}
"""What every record has."""
