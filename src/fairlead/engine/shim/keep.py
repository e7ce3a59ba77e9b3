"""Keeping an instance: alone by its lock, its log written, its end remembered."""

from __future__ import annotations

import fcntl
import os
import time

from fairlead.engine.shim import cgroup, native, notes, watch
from fairlead.engine.shim.child import LaunchError, spawn
from fairlead.engine.shim.log import Log
from fairlead.engine.shim.tree import Tree
from fairlead.kit import proc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fairlead.engine.shim.plan import Plan

_SIGKILL = 9
_SWEEPS = 200  # 2 s: a process that a disk holds back must not hold back the start for ever


def keep(plan: Plan) -> None:
    """Run the program to its end; what the engine has to know of the start goes to standard output, one line."""
    os.setsid()
    umask = os.umask(0o077)
    folder = plan["folder"]
    try:
        held = _lock(f"{folder}/lock")
    except OSError as error:
        return _report(f"refused state {error.errno}")
    if held is None:
        return _report("held")
    refusal = _run(plan, umask)
    os.close(held)  # before the answer: the engine may go on at once
    return _report(refusal) if refusal else None


def _report(line: str) -> None:
    """Tell the engine, and let go of its pipes: it may be killed, and must not be waited for."""
    _tell(line)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _tell(line: str) -> None:
    try:
        os.write(1, line.encode())
    except OSError:  # it has been killed already
        return


def _lock(path: str) -> int | None:
    """Take the instance's lock, which the kernel frees when this process dies; `None` when another shim holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        same = os.path.samestat(os.fstat(descriptor), os.stat(path))  # noqa: PTH116 - no pathlib in the shim
    except BlockingIOError:
        return None
    return descriptor if same else None  # the folder was removed meanwhile


def _run(plan: Plan, umask: int) -> str | None:
    """Run it to its end; or say why it could not begin."""
    folder = plan["folder"]
    native.adopt_orphans()
    signals = watch.listen_to_signals()
    log = Log(f"{folder}/log", plan["log_bytes"], plan["log_keep"])
    _sweep(plan["cgroups"])
    try:
        ending = notes.Ending(folder)
    except OSError as error:
        return f"refused state {error.errno}"
    try:
        tree, view = _begin(plan, umask, log, signals)
    except LaunchError as refused:
        _give_up(plan, refused, ending, log)
        return f"refused {refused.stage} {refused.errno}"
    view.run()
    _end(plan, tree, view, ending, log)
    return None


def _sweep(cgroups: list[str]) -> None:
    """End what an earlier shim, killed, has left."""
    for _ in range(_SWEEPS):
        if not cgroup.kill(cgroups):
            return
        time.sleep(0.01)


class _Orders:
    """How to stop: a line in the file `stop` for each time that the engine has asked."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._done = 0

    def fresh(self) -> list[tuple[int, float]]:
        """Those not heeded yet; when the engine could write none, as it said at the start."""
        lines = cgroup.read(f"{self._plan['folder']}/stop").splitlines()[self._done :]
        self._done += len(lines)
        orders = [line.split() for line in lines]
        return [(int(signal), float(grace_s)) for signal, grace_s in orders] or [self._default()]

    def _default(self) -> tuple[int, float]:
        return self._plan["signal"], self._plan["grace_s"]


def _begin(plan: Plan, umask: int, log: Log, signals: int) -> tuple[Tree, watch.Watch]:
    (out, its_out), (err, its_err) = watch.output_pipe(), watch.output_pipe()
    pid = spawn(plan, its_out, its_err, umask)
    os.close(its_out)
    os.close(its_err)
    plan["environment"] = {}
    _announce(plan, pid)
    tree = Tree(pid, plan["cgroups"])
    outputs = {out: lambda data: log.take(b"out", data), err: lambda data: log.take(b"err", data)}
    view = watch.Watch(tree, signals, outputs, _Orders(plan).fresh)
    view.idle = lambda: _settle(log)
    return tree, view


def _announce(plan: Plan, pid: int) -> None:
    me = os.getpid()
    try:
        notes.write_status(plan["folder"], (me, proc.birth(me) or ""), (pid, proc.birth(pid) or ""), time.time())
    except OSError as error:  # nobody could find it again
        os.kill(pid, _SIGKILL)
        os.waitpid(pid, 0)
        raise LaunchError("state", error.errno or 0) from None
    _report(f"started {pid}")


def _settle(log: Log) -> float | None:
    """While lines are owed, try again every second."""
    log.settle()
    return 1.0 if log.owes else None


def _give_up(plan: Plan, refused: LaunchError, ending: notes.Ending, log: Log) -> None:
    reason = f"could not start ({refused.stage}): {os.strerror(refused.errno).lower()}"
    log.say(reason)
    ending.write(127, reason, time.time())
    cgroup.remove(plan["cgroups"])


def _end(plan: Plan, tree: Tree, view: watch.Watch, ending: notes.Ending, log: Log) -> None:
    code = tree.exit_code()
    reason = _reason(code, cgroup.oom_kills(plan["cgroups"]), view.stopping)
    log.say(f"ended: {reason}")
    ending.write(code, reason, time.time())
    cgroup.remove(plan["cgroups"])


def _reason(code: int | None, oom_kills: int, stopping: bool) -> str:
    if oom_kills and code and not stopping:
        return "out of memory"
    if code is not None and code > 128:
        return f"ended by signal {code - 128}"
    return f"exited with {code}"
