"""What a service uses and how many of it there are: resources, scale, volumes, placement, hardening, stopping, logs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fairlead.stack.model.base import Cpu, Duration, EnvName, Model, Name, Percent, Size


class CpuShare(Model):
    """Processor time."""

    request: Cpu | None = None
    """What is reserved."""

    limit: Cpu | None = None
    """What can't be exceeded."""


class MemoryShare(Model):
    """Memory."""

    request: Size | None = None
    """What is reserved."""

    limit: Size | None = None
    """What can't be exceeded: the instance is killed instead."""


class Resources(Model):
    """What one instance may use."""

    cpu: CpuShare = CpuShare()
    """Processor time, in cores."""

    memory: MemoryShare = MemoryShare()
    """Memory."""

    disk: MemoryShare = MemoryShare()
    """Scratch space (ephemeral storage in Kubernetes)."""

    gpu: int = Field(default=0, ge=0)
    """Whole accelerators."""

    processes: int | None = Field(default=None, ge=1)
    """Processes and threads at most."""

    open_files: int | None = Field(default=None, ge=16)
    """File descriptors at most."""


class ScaleTargets(Model):
    """What an autoscaler keeps to; the highest answer of all targets wins."""

    cpu: Percent | None = None
    """Mean use of the CPU request."""

    memory: Percent | None = None
    """Mean use of the memory request."""

    requests_per_second: float | None = Field(default=None, gt=0)
    """Requests per second and instance."""

    in_flight: float | None = Field(default=None, gt=0)
    """Requests under way per instance."""

    queue: int | None = Field(default=None, gt=0)
    """Waiting items per instance (a queue depth metric)."""


class ScaleStep(Model):
    """How fast a scale may change in one direction."""

    percent: Percent | None = None
    """By at most that part of the present number."""

    count: int | None = Field(default=None, ge=1)
    """By at most that many."""

    every: Duration = 60.0
    """In each span of this length."""

    stabilise: Duration = 0.0
    """Look back over this time and take the most cautious answer."""


class Scale(Model):
    """How many instances there are."""

    min: int = Field(default=1, ge=0)
    """At least; on one machine the number that runs until `fairlead scale` says otherwise."""

    max: int | None = Field(default=None, ge=1)
    """At most; `min` when left out, which means no autoscaling."""

    targets: ScaleTargets = ScaleTargets()
    """What an autoscaler keeps to."""

    up: ScaleStep | None = None
    """How fast it grows."""

    down: ScaleStep | None = None
    """How fast it shrinks."""

    vertical: Literal["off", "recommend", "auto"] = "off"
    """Whether resources are recommended, or set, from use (VPA in Kubernetes)."""

    disruption: Percent | int | None = None
    """How many may be away at once during maintenance (PDB in Kubernetes)."""


class Volume(Model):
    """A directory that outlives instances and versions."""

    path: str | None = None
    """Where it appears inside a container. A local process is told its directory in the variable `env` instead."""

    env: EnvName | None = None
    """The variable that holds the directory. Default: the volume's name in capitals and `_DIR`."""

    size: Size | None = None
    """How much it holds (a PVC in Kubernetes)."""

    storage: Literal["ssd", "hdd"] = "ssd"
    """The class of storage."""

    temporary: bool = False
    """Emptied with each instance."""

    backup: bool = True
    """Saved under the stack's `backup` policy, where there is one."""


class Placement(Model):
    """Where instances may be."""

    spread: list[Literal["host", "zone"]] = Field(default=["host"])
    """What instances keep apart by (anti-affinity, topology spread)."""

    architectures: list[Literal["amd64", "arm64"]] = Field(default=["amd64"])
    """Processor architectures it runs on, and images are built for."""

    spot: bool = False
    """May run on capacity that can be taken away."""

    node_group: Name | None = None
    """The node group of `cloud` it prefers."""

    priority: Literal["low", "normal", "high"] = "normal"
    """Who goes first when there is too little room."""


class Hardening(Model):
    """What a container or a unit is denied; everything not needed is denied by default."""

    user: int = Field(default=1001, ge=1)
    """Numeric user and group that a container runs as."""

    read_only_root: bool = True
    """The root file system can't be written to."""

    writable: list[str] = Field(default_factory=lambda: ["/tmp"])  # noqa: S108  # inside a container, where it is the instance's own
    """Paths that stay writable, in memory."""

    capabilities: list[str] = Field(default_factory=list)
    """Linux capabilities kept."""

    jit: bool = False
    """Memory may be both written and executed (Node, PyPy, Torch)."""

    internet: bool = True
    """May open connections to outside the stack (providers' APIs)."""


class Stopping(Model):
    """How an instance is asked to end."""

    signal: Literal["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"] = "SIGTERM"
    """The signal that asks."""

    grace: Duration = 10.0
    """How long it has; then the whole process group is killed."""


class Restart(Model):
    """What happens when an instance ends by itself."""

    backoff: Duration = 0.5
    """Wait before the first restart; doubled each time."""

    backoff_max: Duration = 30.0
    """Longest wait."""

    crash_loop: int = Field(default=5, ge=2)
    """Ends in a row, each before `stable`, after which the instance is called crash-looping."""

    stable: Duration = 30.0
    """A run this long starts the count again."""


class Logs(Model):
    """What is kept of the output."""

    max_size: Size = 10 * 1024 * 1024
    """Size at which the file is rotated."""

    keep: int = Field(default=5, ge=0)
    """Rotated files kept."""
