"""Linux capabilities that a service keeps: those that there are, and what a cluster thinks of them."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit import suggest
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack

KNOWN = frozenset(
    (
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
        "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
        "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT",
        "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
        "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
    )
)  # fmt: skip
"""capabilities(7) of Linux 6."""

RESTRICTED = "NET_BIND_SERVICE"
"""The one that may be kept: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"""


@rule
def capabilities_are_named(stack: Stack) -> Iterator[Finding]:
    """A capability that Linux does not have is refused when the container starts, which is late."""
    for here, service in services(stack):
        for n, capability in enumerate(service.hardening.capabilities):
            where, bare = (*here, "hardening", "capabilities", n), capability.removeprefix("CAP_")
            if bare not in KNOWN:
                message = "should be a Linux capability, such as `NET_BIND_SERVICE`"
                near = suggest.nearest(bare, KNOWN)
                yield Finding(where, message, f"did you mean `{near}`?" if near else "see capabilities(7)")
            elif bare != RESTRICTED:
                message = f"a namespace held to Pod Security `restricted` lets no pod keep `{bare}`"
                yield Finding(where, message, "take it out before you render for a cluster", "note")
