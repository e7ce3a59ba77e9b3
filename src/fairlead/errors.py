"""Every error that a user of Fairlead can see, and the exit code that each one ends with.

    FairleadError                    1
    ├── UsageError                   2   the command line does not fit
    ├── StackError                   3   the stack file is wrong (carries every problem)
    ├── MissingError                 4   something has to be installed or set first
    │   ├── SecretMissing                a secret has no value
    │   └── BinaryMissing                a program is not on this machine
    ├── StateError                   5   the state folder or the journal can't be used
    │   ├── JournalError                 the journal is full, read-only or damaged
    │   ├── LockHeld                     another daemon owns this stack
    │   └── Fenced                       a younger daemon has taken over
    ├── DaemonUnreachable            6   no daemon answers
    ├── RuntimeFailure               7   an instance can't be started or kept alive
    │   ├── NotReady                     it did not become ready in time
    │   └── CrashLoop                    it keeps ending
    ├── RouterError                  8   the router refused or did not confirm a revision
    ├── ReleaseError                 9   a release can't begin, or was taken back
    │   └── HookFailed                   a hook failed or ran out of time
    ├── Conflict                    10   another operation is under way
    └── NotScanned                  11   the guard could not look through everything

A message says where, what is wrong and what was found: lower case, no period. `hint` says how to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FairleadError(Exception):
    """Something went wrong that the user can read and act on."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(FairleadError):
    """The command line asks for something that does not exist or does not fit."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a stack file: where, what, and how to mend it."""

    file: str
    line: int
    path: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class StackError(FairleadError):
    """The stack file does not hold together; carries every problem found, in the order of the file."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class MissingError(FairleadError):
    """Something has to be installed or set before this can run."""

    exit_code = 4


class SecretMissing(MissingError):
    """A secret that a service needs has no value where the stack says to look."""


class BinaryMissing(MissingError):
    """A program that the stack needs is not on this machine."""


class StateError(FairleadError):
    """The state folder can't be read or written."""

    exit_code = 5


class JournalError(StateError):
    """The journal is full, read-only or damaged."""


class LockHeld(StateError):
    """Another live daemon owns this stack."""


class Fenced(StateError):
    """A younger daemon has taken over this stack; this one must not write any more."""


class DaemonUnreachable(FairleadError):
    """No daemon answers for this stack."""

    exit_code = 6


class RuntimeFailure(FairleadError):
    """An instance can't be started or kept alive."""

    exit_code = 7


class NotReady(RuntimeFailure):
    """An instance did not become ready in the time it was given."""


class CrashLoop(RuntimeFailure):
    """An instance keeps ending soon after its start."""


class RouterError(FairleadError):
    """The router refused a revision, or did not confirm it in time."""

    exit_code = 8


class ReleaseError(FairleadError):
    """A release can't begin, or it was taken back."""

    exit_code = 9


class HookFailed(ReleaseError):
    """A hook ended with a failure or ran out of time."""


class Conflict(FairleadError):
    """Another operation on the same service is under way."""

    exit_code = 10


class NotScanned(FairleadError):
    """A scan found no secret, and there is something that it could not look through."""

    exit_code = 11
