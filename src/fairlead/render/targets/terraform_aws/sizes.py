"""Machines of managed stores, by what the stack file asks for: the smallest of Graviton that has it."""

from __future__ import annotations

from fairlead.stack.model.resources import Resources

GI = 1024**3

SIZES = (("medium", 2, 4), ("large", 2, 8), ("xlarge", 4, 16), ("2xlarge", 8, 32), ("4xlarge", 16, 64),
         ("8xlarge", 32, 128), ("12xlarge", 48, 192), ("16xlarge", 64, 256))  # fmt: skip
"""Size, processors, memory in GiB, as AWS has them for its m families (https://aws.amazon.com/rds/instance-types/)."""


def database(said: Resources) -> str:
    """Of RDS."""
    size = _size(said)
    return f"db.t4g.{size}" if size == "medium" else f"db.m7g.{size}"


def cache(said: Resources) -> str:
    """Of ElastiCache."""
    if said.memory.request is None and said.cpu.request is None:
        return "cache.t4g.small"
    size = _size(said)
    return f"cache.t4g.{size}" if size == "medium" else f"cache.m7g.{size}"


def broker(said: Resources) -> str:
    """Of MSK, whose smallest that encrypts and scales is the large one."""
    if said.memory.request is None and said.cpu.request is None:
        return "kafka.t3.small"
    size = _size(said)
    return f"kafka.m7g.{'large' if size == 'medium' else size}"


def search(said: Resources) -> str:
    """Of OpenSearch."""
    size = _size(said)
    return "t3.medium.search" if size == "medium" else f"m7g.{size}.search"


def _size(said: Resources) -> str:
    cores, memory = said.cpu.request or 0.0, (said.memory.request or 0) / GI
    fitting = [size for size, has_cores, has_memory in SIZES if has_cores >= cores and has_memory >= memory]
    return fitting[0] if fitting else SIZES[-1][0]
