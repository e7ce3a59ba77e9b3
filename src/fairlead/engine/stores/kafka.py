"""Apache Kafka: reached at the addresses of its brokers."""

from __future__ import annotations

from fairlead.engine.stores import STORES
from fairlead.engine.stores.elsewhere import Elsewhere

STORES.register("kafka")(Elsewhere("kafka"))
