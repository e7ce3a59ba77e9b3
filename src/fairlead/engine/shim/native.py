"""Two calls of prctl(2), Linux only; elsewhere they do nothing, and only the process group is sure to be ended."""

from __future__ import annotations

import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SIGKILL = 9


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, so that none can slip away by forking twice."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Be killed when the parent dies. The kernel forgets this at setuid, so it comes after that."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def _prctl(option: int, value: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    # `ctypes`, which is built on this, takes 0.5 MB more in every shim
    from _ctypes import FUNCFLAG_CDECL, CFuncPtr, _SimpleCData, dlopen, dlsym

    class Int(_SimpleCData):  # type: ignore[type-arg]  # generic for the type checker only
        _type_ = "i"

    class Call(CFuncPtr):
        _flags_ = FUNCFLAG_CDECL
        _restype_ = Int

    libc = dlopen(None, 0)  # type: ignore[arg-type]  # None is this program and all it has loaded
    Call(dlsym(libc, "prctl"))(option, value, 0, 0, 0)
