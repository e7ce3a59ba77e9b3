"""Images: fetched or built before a version is released, and pinned, so that it runs the same one for ever."""

from fairlead.engine.images.images import Images

__all__ = ["Images"]
