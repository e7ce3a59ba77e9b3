"""The hub as a service that can be made worse, released by canary under streams: what its benchmark and stories share.

Its provider is the built-in echo, at a price of our own. Of every hundred answers eight are long, slow to begin and
dear by design, so that the judge's bounds lie where they are put and not where this machine's noise has them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from bench.canary import Judged
from bench.town import Town

FAULTS = ("", "cost", "first token")
"""A good version; one whose answers cost three times as much; one that takes ten times as long to begin."""

POLICY: Mapping[str, Any] = {
    "steps": ["5%", "25%", "50%", "100%"],
    "pace": "4s",
    "warm_up": "2s",
    "deadline": "10m",
    "errors": {"negligible": "1%"},
    "latency": {"judged": False},
    "first_byte": {"judged": False},
    "indicators": {
        "cost": {"histogram": "fairlead_hub_request_cost_usd", "quantile": "90%"},
        "first-token": {"histogram": "gen_ai_server_time_to_first_token_seconds", "quantile": "90%"},
    },
}
"""Beside errors only what the hub tells of itself: the router's own times would see the same faults."""

PRICES = {
    "providers": ["echo"],
    "checked": "2026-11-21",
    "sources": ["made up, so that an answer costs something"],
    "prices": [{"models": ["*"], "usd": {"input": 10, "output": 10}}],
}

LONG = "echo/echo?tokens=300&between=10ms"
"""Three seconds of a stream: some are open whenever a version goes."""

Spec = dict[str, Any]


def service(town: Town, **changes: Any) -> Spec:
    """Two instances of it, with the prices where both runtimes find them."""
    folder = town.state / "data" / "hub" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prices.json").write_text(json.dumps(PRICES))
    inside = "/data/data" if town.runtime == "docker" else str(folder)
    return {
        "uses": "hub",
        "with": {
            "open": True,
            "prices": f"{inside}/prices.json",
            "models": {"assistant": models(""), "long": LONG},
        },
        "environment": {"ROUND": "0"},
        "scale": 2,
        "expose": [{"path": "/v1"}],
        "release": {"strategy": "canary", "watch": "300ms", "keep_warm": "0s", "canary": dict(POLICY)},
        **changes,
    }


def models(fault: str) -> list[dict[str, Any]]:
    """Who answers for the model: usually the first."""
    tokens = 60 if fault == "cost" else 20
    first_token = "100ms" if fault == "first token" else "10ms"
    return [
        {"to": f"echo/echo?tokens={tokens}&first_token={first_token}", "weight": 92},
        {"to": "echo/echo?tokens=90&first_token=100ms", "weight": 8},
    ]


def load() -> dict[str, Any]:
    """Options of a load: whole answers at a steady rate, and sixteen streams open, of which four are long."""
    streams = [asked("assistant", stream=True)] * 3 + [asked("long", stream=True)]
    return {
        "plain": ["/v1/chat/completions"],
        "plain_body": [asked("assistant")],
        "rate": 30.0,
        "stream": ["/v1/chat/completions"],
        "stream_body": streams,
        "streams": 16,
    }


def asked(model: str, **more: Any) -> str:
    """A chat completion."""
    return json.dumps({"model": model, "messages": [{"role": "user", "content": "Tell me a story"}], **more})


def deploy(town: Town, fault: str, number: int) -> Judged:
    """Release a version with a fault (none: a good one) and wait for how it is judged."""
    began = time.monotonic()
    spec = town.declared()
    spec["services"]["hub"]["with"]["models"]["assistant"] = models(fault)
    spec["services"]["hub"]["environment"]["ROUND"] = str(number)
    town.file.write_text(json.dumps(spec, indent=2))
    with town.begin("deploy", "hub") as process:
        process.communicate(timeout=900)
    newest = town.releases("hub")[0]
    return Judged(fault, newest["state"], newest["reason"] or "", time.monotonic() - began)


def right(judged: Judged) -> bool:
    """Whether it ended as it should have, and for that reason."""
    if not judged.fault:
        return judged.state == "succeeded"
    return judged.state == "taken back" and judged.fault.replace(" ", "-") in judged.reason
