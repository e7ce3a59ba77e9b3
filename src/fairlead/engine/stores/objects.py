"""Object storage that speaks S3: reached at the URL of its endpoint."""

from __future__ import annotations

from fairlead.engine.stores import STORES
from fairlead.engine.stores.elsewhere import Elsewhere

STORES.register("objects")(Elsewhere("objects"))
