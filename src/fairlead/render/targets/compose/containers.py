"""A container as Compose starts it: denied what it does not need, limited, and restarted when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairlead.render.cluster.quantities import DEFAULT_CPU, DEFAULT_MEMORY
from fairlead.stack.model.resources import Logs, Resources

Data = dict[str, Any]

MI = 1024**2
SCRATCH_BYTES = 64 * MI
PROCESSES = 512
EVERYBODY = 0o1777
GRACE_S = 30.0


def container(
    image: str,
    *,
    user: str,
    resources: Resources | None = None,
    writable: Iterable[str] = ("/tmp",),  # noqa: S108 - inside of a container, where it is its own
    read_only: bool = True,
    logs: Logs | None = None,
    networks: Sequence[str] = (),
    grace_s: float = GRACE_S,
    capabilities: Sequence[str] = (),
    once: bool = False,
) -> Data:
    """Everything that every container has. `once`: it ends by itself, and is not started again."""
    kept = logs or Logs()
    return {
        "image": image,
        "user": user,
        "init": True,
        "restart": "no" if once else "unless-stopped",
        "read_only": read_only,
        "cap_drop": ["ALL"],
        **({"cap_add": list(capabilities)} if capabilities else {}),
        "security_opt": ["no-new-privileges:true"],
        "stop_grace_period": f"{max(1, round(grace_s))}s",
        "deploy": {"resources": limits(resources or Resources())},
        "logging": {
            "driver": "json-file",
            "options": {"max-size": f"{max(1, kept.max_size // 1024)}k", "max-file": str(kept.keep + 1)},
        },
        **({"networks": list(networks)} if networks else {"network_mode": "none"}),
        "volumes": [scratch(path) for path in writable],
    }


def limits(said: Resources) -> Data:
    """What it may use, and what is kept for it."""
    cpu = said.cpu.limit or max(said.cpu.request or 0, DEFAULT_CPU[1])
    memory = said.memory.limit or max(said.memory.request or 0, DEFAULT_MEMORY[1])
    found: Data = {"limits": {"cpus": f"{cpu:g}", "memory": size(memory), "pids": said.processes or PROCESSES}}
    kept: Data = {}
    if said.cpu.request:
        kept["cpus"] = f"{said.cpu.request:g}"
    if said.memory.request:
        kept["memory"] = size(said.memory.request)
    if said.gpu:
        kept["devices"] = [{"driver": "nvidia", "count": said.gpu, "capabilities": ["gpu"]}]
    return found | ({"reservations": kept} if kept else {})


def size(amount_bytes: int) -> str:
    """Bytes as Compose reads them: its `M` is 1024 times 1024 of them."""
    return f"{amount_bytes // MI}M" if amount_bytes % MI == 0 else f"{amount_bytes}b"


def scratch(path: str, amount_bytes: int = SCRATCH_BYTES) -> Data:
    """A directory in memory, empty at each start."""
    return {"type": "tmpfs", "target": path, "tmpfs": {"size": amount_bytes, "mode": EVERYBODY}}


def disk(volume: str, path: str) -> Data:
    """A volume, written out: in the short form a name of one letter is taken for a drive of Windows."""
    return {"type": "volume", "source": volume, "target": path}


def file(source: str, path: str) -> Data:
    """A file or folder of this one, beside the Compose file."""
    return {"type": "bind", "source": source, "target": path, "read_only": True, "bind": {"create_host_path": False}}


def wrapped(exports: Mapping[str, str], command: Sequence[str]) -> Data:
    """Variables that hold secrets, read from their files by a shell that then becomes the program."""
    told = "".join(f'{name}="{value}"\nexport {name}\n' for name, value in exports.items())
    return {"entrypoint": ["sh", "-eu", "-c", f'{told}exec "$@"\n', "sh"], "command": list(command)}
