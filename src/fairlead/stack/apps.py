"""What a service that is one of Fairlead's own apps is, where the stack file does not say; so two lines are enough.

Nothing here knows an app's configuration (`with:`); that is the app's own matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class App:
    """What an app listens on, keeps and is asked, as a stack file would say it."""

    command: tuple[str, ...]
    """What is run, of `fairlead`."""
    ports: Mapping[str, Data]
    """Listened on by these names; the first is the one that clients ask."""
    probes: Mapping[str, Data] = field(default_factory=dict)
    volumes: Mapping[str, Data] = field(default_factory=dict)
    stop: Data = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """Port or volume -> the variable that the app looks at, whatever else the stack file calls it."""
    stores: Mapping[str, str] = field(default_factory=dict)
    """Kind of a needed store -> the variable that the app looks for its address in."""


APPS: Mapping[str, App] = {
    "hub": App(
        command=("hub", "serve"),
        ports={"http": {"protocol": "http"}, "metrics": {"protocol": "metrics"}},
        probes={
            "readiness": {"http": {"path": "/readiness", "port": "http"}, "every": "1s"},
            "liveness": {"http": {"path": "/liveness", "port": "http"}, "every": "5s"},
        },
        volumes={"data": {}},
        stop={
            "grace": "45s"
        },  # its farewell and answers under way (31 s at most), and what the ledger still has to take
        variables={"http": "PORT", "metrics": "PORT_METRICS", "data": "DATA_DIR"},
        stores={"redis": "REDIS_URL", "postgres": "DATABASE_URL"},
    ),
    "guard": App(
        command=("guard", "serve"),
        ports={"http": {"protocol": "http"}},
        probes={
            "readiness": {"http": {"path": "/readiness", "port": "http"}, "every": "1s"},
            "liveness": {"http": {"path": "/liveness", "port": "http"}, "every": "5s"},
        },
        volumes={"data": {}},
        stop={"grace": "30s"},  # its farewell, answers under way (20 s at most), and what still has to be written down
        variables={"http": "PORT", "data": "DATA_DIR"},
        stores={"redis": "REDIS_URL", "postgres": "DATABASE_URL"},
    ),
}
"""Those that this version has."""


def completed(data: Any) -> Any:
    """A service as its file says it, with what its app has beside; anything else as it is."""
    uses = data.get("uses") if isinstance(data, dict) else None
    app = APPS.get(uses) if isinstance(uses, str) else None
    if app is None:
        return data
    return data | {
        "ports": _over(app.ports, data.get("ports", {})),
        "probes": _over(app.probes, data.get("probes", {})),
        "volumes": _over(app.volumes, data.get("volumes", {})),
        "stop": _over(app.stop, data.get("stop", {})),
    }


def _over(ours: Data, said: Any) -> Any:
    """What is said goes before; in our order first. What is no mapping is left for the model to refuse."""
    if not isinstance(said, dict):
        return said
    return {**{name: said.get(name, value) for name, value in ours.items()}, **said}
