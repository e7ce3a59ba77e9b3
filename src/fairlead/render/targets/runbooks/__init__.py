"""Runbooks: a page for each alert, and pages on releasing, scaling, stores, certificates and disasters.

Every name, limit, command and channel in them is this stack's. Alerts link to `alerts/NAME.md` under the address of
`watching.runbooks`, or relative to where runbooks are rendered.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.render.leaves import left_out
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.runbooks import incidents, pages
from fairlead.render.targets.runbooks.leaving import LEFT_OUT, unsupported
from fairlead.render.targets.runbooks.words import Page, table

PAGES = {
    "deploying": ("Deploying", pages.deploying),
    "scaling": ("Scaling", pages.scaling),
    "databases": ("Database maintenance", pages.databases),
    "certificates": ("Certificates", pages.certificates),
    "disaster-recovery": ("Disaster recovery", pages.disaster),
}


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """`README.md`, a file for each page, and `alerts/`."""
    yield from left_out(scene.stack, LEFT_OUT)
    yield from unsupported(scene.stack)
    told = Page(scene)
    yield File("README.md", _index(told))
    for name, (_, write) in PAGES.items():
        yield File(f"{name}.md", write(told))
    yield from incidents.of(told)


def _index(told: Page) -> str:
    links = [f"- [{title}]({name}.md)" for name, (title, _) in PAGES.items()]
    rows = [
        [f"[{name}](alerts/{name}.md)", ", ".join(sorted({alert.severity for alert in alerts})),
         "; ".join(dict.fromkeys(alert.summary for alert in alerts))]
        for name, alerts in incidents.by_name(told).items()
    ]  # fmt: skip
    people = [f"- critical: {told.who('critical')}", f"- warning: {told.who('warning')}"]
    about = [told.stack.description] if told.stack.description else []
    return told.text(f"Runbooks of {told.stack.name}", about, links, ["## On call"], people, ["## Alerts"],
                     table(["alert", "severity", "when"], rows))  # fmt: skip


TARGETS.register("runbooks")(
    Target("Runbooks: one for each alert; releasing, scaling, stores, certificates, disasters", render)
)
