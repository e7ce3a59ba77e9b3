"""Amounts as the cluster writes them, and what holds where the stack says nothing."""

from __future__ import annotations

from fairlead.stack.model.resources import Resources

MI = 1024**2
DEFAULT_CPU = (0.1, 1.0)
DEFAULT_MEMORY = (128 * MI, 512 * MI)
DEFAULT_DISK = 1024 * MI
"""Request and limit where there is none: without them one instance can take a whole machine."""


def cpu(cores: float) -> str:
    """Cores, in thousandths where they are no whole ones."""
    thousandths = round(cores * 1000)
    return str(thousandths // 1000) if thousandths % 1000 == 0 else f"{thousandths}m"


def size(amount_bytes: int) -> str:
    """Bytes, by the largest unit that divides them."""
    for unit, name in ((1024**4, "Ti"), (1024**3, "Gi"), (1024**2, "Mi"), (1024, "Ki")):
        if amount_bytes % unit == 0 and amount_bytes:
            return f"{amount_bytes // unit}{name}"
    return str(amount_bytes)


def seconds(duration_s: float) -> int:
    """At least one whole second."""
    return max(1, round(duration_s))


def span(duration_s: float) -> str:
    """A duration as Go reads it."""
    whole = seconds(duration_s)
    for unit, name in ((3600, "h"), (60, "m")):
        if whole % unit == 0:
            return f"{whole // unit}{name}"
    return f"{whole}s"


def resources(said: Resources) -> dict[str, dict[str, str]]:
    """Requests and limits of a container. Scratch space is asked for as it is limited, or pods are evicted."""
    cpu_request, cpu_limit = _both(said.cpu.request, said.cpu.limit, DEFAULT_CPU)
    memory_request, memory_limit = _both(said.memory.request, said.memory.limit, DEFAULT_MEMORY)
    disk_request, disk_limit = _both(said.disk.request, said.disk.limit, (DEFAULT_DISK, DEFAULT_DISK))
    gpu = {"nvidia.com/gpu": str(said.gpu)} if said.gpu else {}
    requests = {
        "cpu": cpu(cpu_request),
        "memory": size(int(memory_request)),
        "ephemeral-storage": size(int(disk_request)),
    }
    limits = {"cpu": cpu(cpu_limit), "memory": size(int(memory_limit)), "ephemeral-storage": size(int(disk_limit))}
    return {"requests": requests | gpu, "limits": limits | gpu}


def _both(request: float | None, limit: float | None, usual: tuple[float, float]) -> tuple[float, float]:
    if request is None and limit is None:
        return usual
    if request is None:
        return min(usual[0], limit or usual[0]), limit or usual[1]
    return request, limit if limit is not None else max(request, usual[1])
