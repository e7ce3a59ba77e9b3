"""How a stack is called in commands and sentences of its runbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairlead.kit.quantity import format_duration
from fairlead.render.cluster.cluster import Cluster, is_progressive, is_stateful
from fairlead.render.parts.escalating import told_of
from fairlead.render.parts.watching.alert import Severity
from fairlead.render.target import Scene
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


@dataclass(frozen=True, slots=True)
class Page:
    """The stack that a runbook is about, and the words for it."""

    scene: Scene

    @property
    def stack(self) -> Stack:
        """As its environment sees it."""
        return self.scene.stack

    @property
    def fairlead(self) -> str:
        """The command, for the environment that is meant."""
        return "fairlead" + (f" --env {self.scene.environment}" if self.scene.environment else "")

    @property
    def kubectl(self) -> str:
        """The command, in the namespace."""
        return f"kubectl -n {Cluster(self.scene).namespace}"

    def workload(self, name: str) -> str:
        """What runs a service in the cluster, as commands name it."""
        service = self.stack.services[name]
        if is_stateful(service):
            return f"statefulset/{name}"
        return f"rollout/{name}" if self.is_rollout(name) else f"deployment/{name}"

    def is_rollout(self, name: str) -> bool:
        """Whether Argo Rollouts releases it."""
        return is_progressive(Cluster(self.scene), self.stack.services[name])

    def pods(self, name: str) -> str:
        """What picks out its pods."""
        return f"-l app.kubernetes.io/name={name}"

    def undo(self, name: str) -> str:
        """The way back in the cluster."""
        if self.is_rollout(name):
            return f"kubectl argo rollouts undo {name} -n {Cluster(self.scene).namespace}"
        return f"{self.kubectl} rollout undo {self.workload(name)}"

    def services(self) -> Iterator[tuple[str, Service]]:
        """Those that run all the time."""
        return Cluster(self.scene).services()

    def text(self, title: str, *parts: Iterable[str]) -> str:
        """A page of Markdown; parts are apart by an empty line."""
        environment = f", {self.scene.environment}" if self.scene.environment else ""
        head = [f"# {title}", f"{self.stack.name}{environment}. Rendered by Fairlead from the stack file: change that."]
        found = ["\n".join(part) for part in parts]
        return "\n\n".join([*head, *(one for one in found if one)]) + "\n"

    def who(self, severity: Severity) -> str:
        """Who is told, and who after that."""
        said = []
        for one in told_of(self.stack, severity):
            channel = self.stack.watching.channels[one.channel]
            to = f" ({channel.to})" if channel.to else ""
            after = f" after {duration(one.after_s)} without a reaction" if one.after_s else ""
            said.append(f"`{one.channel}`, {channel.kind}{to}{after}")
        return "; ".join(said) or "nobody: `watching` names no channel"


def shell(*lines: str) -> list[str]:
    """A block of commands."""
    return ["```sh", *lines, "```"]


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A table; nothing without rows."""
    found = list(rows)
    if not found:
        return []
    return [_row(head), _row(["---"] * len(head)), *(_row(row) for row in found)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def duration(seconds: float | None) -> str:
    """As people say it."""
    return format_duration(seconds) if seconds is not None else "not promised"
