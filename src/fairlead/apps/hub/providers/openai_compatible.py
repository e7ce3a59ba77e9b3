"""Any other server of OpenAI's protocols, by its address: every operation is tried, nothing is held against it."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible
from fairlead.apps.hub.providers.openai import PLAIN

PROVIDERS.register("openai_compatible")(
    compatible(
        "openai_compatible",
        "http://127.0.0.1:8000/v1",
        None,
        plain=PLAIN,
        completion=True,
        rerank="jina_rerank",
        quirks=Quirks(developer=True),
    )
)
