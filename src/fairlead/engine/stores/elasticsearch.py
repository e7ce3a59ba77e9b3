"""Elasticsearch: reached at its URL."""

from __future__ import annotations

from fairlead.engine.stores import STORES
from fairlead.engine.stores.elsewhere import Elsewhere

STORES.register("elasticsearch")(Elsewhere("elasticsearch"))
