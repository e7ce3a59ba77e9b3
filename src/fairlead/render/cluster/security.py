"""What Pod Security `restricted` wants of pods and containers, the same for services, stores and exporters."""

from __future__ import annotations

from fairlead.render.cluster.cluster import Object

SECURITY: Object = {
    "allowPrivilegeEscalation": False,
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Of a container, as Pod Security `restricted` wants it."""
OPERATED: Object = {key: value for key, value in SECURITY.items() if key != "readOnlyRootFilesystem"}
"""Of a container that an operator composes: only the operator knows where it has to write."""


def pod_security(user: int) -> Object:
    """Of a pod: nobody in it is root, and its disks belong to the user that its image expects to be."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
