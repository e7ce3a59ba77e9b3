"""The files of root modules: one folder for each environment and region, one file for each concern."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fairlead.render.clouds.leaving import LEFT_OUT, in_cluster, needless, places, times
from fairlead.render.clouds.readme import readme
from fairlead.render.clouds.site import Site, Usual, sites
from fairlead.render.leaves import left_out
from fairlead.render.parts.hcl import Block, Body, assignments, hcl_text
from fairlead.render.target import File, Scene, Unsupported

Part = Callable[[Site], Iterator[Block]]


@dataclass(frozen=True, slots=True)
class Provider:
    """A cloud: what its root modules are made of."""

    usual: Usual
    parts: Mapping[str, Part]
    """File (without `.tf`) -> its blocks."""

    state: Callable[[Site], Body]
    """Where the state is kept: the values of `backend.hcl`."""

    tests: Part
    """What `terraform test` says of a site, with a mock of the provider."""

    left_out: Mapping[str, str]
    """What this cloud has no words for, beside what none has."""

    times: Mapping[str, frozenset[str]]
    """Kind of managed store -> the keys of a backup's times that this cloud uses."""

    unsupported: Callable[[Site], Iterator[Unsupported]]
    """What this very site asks for and can't have."""


def files(scene: Scene, provider: Provider) -> Iterable[File | Unsupported]:
    """Every environment that is in this cloud; with an environment, only that one."""
    yield from left_out(scene.stack, {**LEFT_OUT, **provider.left_out})
    yield from needless(scene.stack)
    yield from in_cluster(scene.stack)
    yield from times(scene.stack, provider.times)
    yield from places(scene.stack)
    found: list[Site] = []
    for site in sites(scene, provider.usual):
        if isinstance(site, Unsupported):
            yield site
            continue
        found.append(site)
        yield from provider.unsupported(site)
        yield from _folder(site, provider)
    if found:
        yield File("README.md", readme(found))


def _folder(site: Site, provider: Provider) -> Iterator[File]:
    for part, make in provider.parts.items():
        if blocks := list(make(site)):
            yield File(f"{site.folder}/{part}.tf", hcl_text(blocks))
    yield File(f"{site.folder}/backend.hcl", assignments(provider.state(site)))
    yield File(f"{site.folder}/tests/plan.tftest.hcl", hcl_text(provider.tests(site)))
