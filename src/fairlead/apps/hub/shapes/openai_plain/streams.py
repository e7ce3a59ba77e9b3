"""Streams of images, sounds and transcriptions: events that are passed on as they come, so nothing is read of them.

Sources: OpenAI's API reference, `image_generation.partial_image`, `speech.audio.delta`, `transcript.text.delta` and the
events that end them; an error is `{"type": "error", "error": …}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fairlead.apps.hub.calls import Delta, Failure
from fairlead.apps.hub.shapes import sse
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.openai.failures import error_of, read_error

ENDED = re.compile(rb'^data: ?\[DONE\]|"type"\s*:\s*"[\w.]+\.(?:completed|done)"', re.MULTILINE)
"""`image_generation.completed`, `image_edit.completed`, `speech.audio.done`, `transcript.text.done`."""

SOMETHING = Delta(text="…")
"""That a piece of the answer came, whatever it is."""


class PassedReader:
    """Tells that something came, and failures."""

    def __init__(self) -> None:
        self._events = sse.Events()

    def feed(self, data: bytes) -> Sequence[Delta | Failure]:
        """Something for each event."""
        return [_told(payload) for _, payload in self._events.feed(data)]

    def close(self) -> Sequence[Delta | Failure]:
        """Each of these streams ends with its last event; whether that came is not known here."""
        return [_told(payload) for _, payload in self._events.rest()]


class PassedWriter:
    """For the end of one that broke."""

    def write(self, delta: Delta) -> bytes:
        """Nothing is written here."""
        return b""

    def close(self) -> bytes:
        """The provider has ended it."""
        return b""

    def fail(self, failure: Failure) -> bytes:
        """The error as an event."""
        return sse.event(encoded({"type": "error", "error": error_of(failure)}), "error")


def _told(payload: bytes) -> Delta | Failure:
    if b'"error"' not in payload[:200]:
        return SOMETHING
    error = Fields(decoded(payload)).any("error")
    return SOMETHING if error is None else read_error(error)
