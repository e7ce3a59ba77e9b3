"""What Alertmanager has no place for: all but channels, and who is told by which."""

from __future__ import annotations

from fairlead.render.parts.narrow import all_but

LEFT_OUT = all_but(
    ("name", "watching.channels", "watching.critical", "watching.warning", "cloud.domain"),
    {"watching.alerts": "Prometheus decides what is told; here it is decided to whom"},
)
