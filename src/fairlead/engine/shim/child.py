"""From a fork of the shim to the program: the surroundings it asked for, then exec.

What goes wrong on the way comes back to the shim through a pipe that closes by itself when exec succeeds.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` builds enums, 0.9 MB in every shim
import os

from fairlead.engine.shim import cgroup, native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fairlead.engine.shim.plan import Plan


_LAST_SIGNAL = 31


class LaunchError(Exception):
    """The program can't be started: at which stage, and with which errno."""

    def __init__(self, stage: str, errno: int) -> None:
        super().__init__(stage, errno)
        self.stage = stage
        self.errno = errno


def spawn(plan: Plan, out: int, err: int, umask: int) -> int:
    """Start the program in a session of its own, its output on the descriptors given; returns its pid.

    Raises `LaunchError`.
    """
    told, tell = os.pipe()
    shim = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(plan, out, err, umask, tell, shim)
    os.close(tell)
    message = os.read(told, 200).decode()
    os.close(told)
    if message:
        os.waitpid(pid, 0)
        stage, errno = message.split()
        raise LaunchError(stage, int(errno))
    return pid


def _become(plan: Plan, out: int, err: int, umask: int, tell: int, shim: int) -> None:
    stage = ["signals"]
    try:
        _forget_signals()
        _prepare(plan, out, err, umask, shim, stage)
        _exec(plan["argv"], plan["environment"])
    except OSError as error:
        os.write(tell, f"{stage[0]} {error.errno or 0}".encode())
    except BaseException:  # whatever it is, this fork must not go on as a second shim
        os.write(tell, f"{stage[0]} 0".encode())
    finally:
        os._exit(127)


def _forget_signals() -> None:
    """What the shim, its engine or Python ignores must not be ignored by the program."""
    _signal.set_wakeup_fd(-1)
    for number in range(1, _LAST_SIGNAL + 1):
        try:
            _signal.signal(number, _signal.SIG_DFL)
        except (OSError, ValueError):  # SIGKILL, SIGSTOP, and those that libc keeps for itself
            continue


def _prepare(plan: Plan, out: int, err: int, umask: int, shim: int, stage: list[str]) -> None:
    os.setsid()
    stage[0] = "limits"
    for folder in plan["cgroups"]:
        cgroup.write(f"{folder}/cgroup.procs", "0")
    _limit(plan["rlimits"])
    stage[0] = "user"
    _switch_user(plan["user"])
    native.die_with_parent()
    if os.getppid() != shim:  # it died before that
        os._exit(137)
    stage[0] = "cwd"
    os.chdir(plan["cwd"])
    stage[0] = "exec"
    os.umask(umask)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(source, target)


def _limit(rlimits: list[tuple[int, int]]) -> None:
    if rlimits:
        import resource

        for which, value in rlimits:
            hard = resource.getrlimit(which)[1]
            most = value if hard == resource.RLIM_INFINITY or os.getuid() == 0 else min(value, hard)
            resource.setrlimit(which, (most, most))


def _switch_user(name: str | None) -> None:
    if name is None:
        return
    import pwd

    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise OSError(0, "no such user") from None
    if user.pw_uid == os.getuid():
        return
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def _exec(argv: list[str], environment: dict[str, str]) -> None:
    """execvpe(3) with the PATH of the program's own environment; the error that says most is the one raised."""
    if "/" in argv[0]:
        os.execve(argv[0], argv, environment)  # noqa: S606 - a shell is what is not wanted here
    denied: OSError | None = None
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        try:
            os.execve(f"{folder or '.'}/{argv[0]}", argv, environment)  # noqa: S606 - as above
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            denied = denied or error
    raise denied or FileNotFoundError(2, "not on PATH")
