"""Whether a key of a provider may be asked now.

Closed: it may. After some failures in a row it opens: nobody asks until a while has passed, longer each time that it
did not help; then it is half open: one request goes ahead as a probe, and closes or opens it again. Beside that a key
rests when its provider says so (429 and 401), which is no fault of the provider. (M. Nygard, Release It!, 2nd ed., 5.)
"""

from __future__ import annotations

from typing import Literal

FAILURES = 5
"""In a row, until it opens."""

LONGEST = 16
"""Times the first wait; it doubles up to this."""


class Breaker:
    """Of one key of one provider. All times are of one clock, in seconds."""

    __slots__ = ("_failures", "_opened", "_probing", "cool_down_s", "open_until", "rests_until", "trouble")

    def __init__(self, cool_down_s: float) -> None:
        self.cool_down_s = cool_down_s
        self._failures = 0
        self._opened = 0
        self._probing = False
        self.open_until: float | None = None
        """`None`: closed."""
        self.rests_until = 0.0
        self.trouble = False
        """Whether anything but success was last seen; while it is not, there is nothing to be asked or told."""

    def ready(self, now: float) -> bool:
        """Whether a request may go this way."""
        if not self.trouble:
            return True
        if now < self.rests_until:
            return False
        return self.open_until is None or (now >= self.open_until and not self._probing)

    def when(self) -> float:
        """From when it may be asked, as far as is known."""
        return max(self.rests_until, self.open_until or 0.0)

    def state(self, now: float) -> Literal["closed", "open", "half open"]:
        """For those who look on."""
        if self.open_until is None:
            return "closed"
        return "half open" if now >= self.open_until else "open"

    def asked(self) -> None:
        """A request goes this way; while open, it is the probe."""
        if self.open_until is not None:
            self._probing = True

    def succeeded(self, now: float) -> None:
        """It was answered."""
        if not self.trouble or (self.open_until is not None and not self._probing):
            return  # asked before it opened
        self._failures = self._opened = 0
        self._probing = False
        self.open_until = None
        self.trouble = now < self.rests_until

    def failed(self, now: float) -> None:
        """It broke."""
        self.trouble = True
        self._failures += 1
        if self.open_until is not None and not self._probing:
            return  # asked before it opened
        if self._probing or self._failures >= FAILURES:
            self._probing = False
            self.open_until = now + self.cool_down_s * min(2**self._opened, LONGEST)
            self._opened += 1

    def rest(self, now: float, seconds: float | None) -> None:
        """Its provider wants to be left alone, for so long if it says."""
        self.trouble = True
        self._probing = False
        self.rests_until = max(self.rests_until, now + (self.cool_down_s if seconds is None else seconds))

    def given_up(self) -> None:
        """The request was taken back before anybody could know."""
        self._probing = False
