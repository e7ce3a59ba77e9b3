"""What dashboards have no place for; what they show is what the `prometheus` target has measured."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.narrow import all_but
from fairlead.render.target import Unsupported
from fairlead.render.targets.grafana.boards import panels
from fairlead.stack.model import Stack

MEASURED = "dashboards show what is measured of it, by the same names for each"

LEFT_OUT = all_but(
    ("name", "watching.traces", "watching.dashboards"),
    {
        "services": MEASURED,
        "stores": MEASURED,
        "objectives": MEASURED,
        "watching.channels": "a data source is all that Alertmanager needs here",
    },
)


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Dashboards that would be empty."""
    if empty := [name for name in stack.watching.dashboards if not panels(stack, name)]:
        yield Unsupported("watching.dashboards", f"nothing that this stack has is shown on {', '.join(empty)}")
