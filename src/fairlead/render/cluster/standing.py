"""What of a stack is always there: nobody asks a cluster for profiles."""

from __future__ import annotations

from dataclasses import replace

from fairlead.render.target import Scene


def standing(scene: Scene) -> Scene:
    """Without the services and stores that run only when a profile is asked for."""
    stack = scene.stack
    services = {name: service for name, service in stack.services.items() if not service.profiles}
    stores = {name: store for name, store in stack.stores.items() if not store.profiles}
    if len(services) == len(stack.services) and len(stores) == len(stack.stores):
        return scene
    return replace(scene, stack=stack.model_copy(update={"services": services, "stores": stores}))
