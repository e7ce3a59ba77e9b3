"""What machines of a node group are labelled with, so that services find them."""

from __future__ import annotations

from fairlead.render.cluster.placing import NODE_GROUP, SPOT
from fairlead.stack.model.platform import NodeGroup


def labels(name: str, group: NodeGroup) -> dict[str, str]:
    """As pods ask for them."""
    gpu = {"fairlead.dev/gpu": str(group.gpu)} if group.gpu else {}
    return {NODE_GROUP: name, **({SPOT: "true"} if group.spot else {}), **gpu}
