"""Tables for tests: compiled from a configuration as any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.apps.hub.config import Config
from fairlead.apps.hub.routes.compiling import Surroundings, compiled
from fairlead.apps.hub.routes.standing import Standing
from fairlead.apps.hub.routes.table import Table
from fairlead.apps.hub.routes.targets import Price

ENVIRON = {name: "made-" + "up-" + name.lower() for name in ("ONE", "TWO", "THREE", "FOUR")}


def provider(*keys: str, **more: Any) -> dict[str, Any]:
    """A provider of OpenAI's shape at nowhere, with these variables for its keys."""
    return {"kind": "openai", "url": "http://127.0.0.1:9/v1", "keys": [{"env": key} for key in keys]} | more


def table(
    said: Mapping[str, Any],
    standing: Standing | None = None,
    pricing: Callable[[str, str], Price | None] = lambda kind, model: None,
) -> Table:
    """The table of a configuration."""
    around = Surroundings(standing or Standing(lambda: 0.0), ENVIRON, pricing)
    return compiled(Config.model_validate(said), around)
