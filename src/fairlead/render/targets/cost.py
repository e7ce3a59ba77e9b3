"""What each environment costs in a month, by a dated table of prices, beside the budget that it should stay under.

Few of the prices are verified; the page and the data say which, and where the same figure was read.

Machines are counted at the least and at the most number of each node group. Environments without a cloud are counted in
the usual one of each provider where no environment names any. What is left out stands beneath every estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.render.clouds.bill import VERIFIED, Line, Unpriced, lines, prices, unverified, ways_out
from fairlead.render.clouds.site import Site, Usual, sites
from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import HEADER, SOURCE, json_text
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported

USUAL = (
    Usual("aws", "eu-central-1", "m6i.large"),
    Usual("gcp", "europe-west3", "n2-standard-2"),
    Usual("azure", "germanywestcentral", "Standard_D2s_v5"),
)

LEFT = (
    "traffic: out to the internet, between zones and regions, and through ways out of the network",
    "requests: to load balancers, firewalls, delivery networks, secrets, keys and object storage",
    "logs and metrics that the cloud keeps, images in its registry, and support",
    "objects: what is in buckets, since nobody knows how much that will be",
    "what LLM providers ask for tokens",
    "taxes, and what is saved by contracts for one or three years",
)

FREE = "it costs nothing by itself"
LEFT_OUT: dict[str, str] = dict.fromkeys(
    (
        "fairlead", "description", "runtime", "docker", "services", "router", "mesh", "objectives", "pipeline",
        "kubernetes", "watching", "recovery", "backup.every", "backup.at", "backup.keep", "backup.where",
        "backup.region", "backup.encrypt", "backup.point_in_time", "cluster_backup", "security.encrypt_at_rest",
        "security.key_service", "security.frameworks", "labels", "secrets.*", "stores.*.version",
        "stores.*.database", "stores.*.topics", "stores.*.settings", "stores.*.env", "stores.*.pooling",
        "stores.*.backup", "stores.*.recovery", "stores.*.versioning", "stores.*.expire", "stores.*.profiles",
        "stores.*.resources", "cloud.cidr", "cloud.kubernetes", "cloud.tags", "cloud.cdn",
        "cloud.ddos_protection", "cloud.nodes.*.gpu",
    ),
    FREE,
)  # fmt: skip
LEFT_OUT |= {
    "services": "services run on machines that are counted",
    "cloud.domain": "one name costs as much as another",
    "cloud.cdn": "it is paid by what goes through it",
    "cloud.ddos_protection": "what is bought for a year is bought by hand",
    "cloud.nodes.*.gpu": "the price of the machine has it",
    "stores.*.backup": "how long and how often says less about its price than what changes in between",
    "stores.*.resources": "the table has the smallest machines only: larger ones are named beneath the estimate",
}
"""Pattern -> why."""


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """One page, and the same as data."""
    yield from left_out(scene.stack, LEFT_OUT)
    found = [site for usual in USUAL for site in sites(scene, usual) if isinstance(site, Site)]
    places = list(dict.fromkeys(scene.environments)) if scene.environment is None else [scene.environment]
    found.sort(key=lambda site: places.index(site.environment) if site.environment in places else -1)
    if any(ways_out(site) < site.cloud.zones for site in found):
        yield Unsupported("cloud.zones", "machines that are fewer than zones have one way out of the network")
    yield File("cost.md", "\n".join(_page(found)) + "\n")
    yield File("cost.json", json_text(_everything(found)))


def _everything(found: list[Site]) -> dict[str, object]:
    return {
        "prices": prices()["date"],
        "unverified": {provider: unverified(provider) for provider in _providers(found)},
        "verified": {provider: prices()[provider][VERIFIED] for provider in _providers(found)},
        "sites": [_data(site) for site in found],
    }


def _providers(found: list[Site]) -> list[str]:
    return list(dict.fromkeys(site.cloud.provider for site in found))


def _page(found: list[Site]) -> Iterator[str]:
    yield f"# What a month of {found[0].stack.name} costs" if found else "# What a month costs"
    yield ""
    yield HEADER.format(source=SOURCE).removeprefix("# ").strip()
    yield ""
    yield f"US dollars. Most prices are **unverified**: noted in {prices()['date']} from memory. Beneath stands which."
    yield "An estimate, not an offer: the vendors' pages decide."
    yield ""
    yield "| environment | region | at least | at most | budget | |"
    yield "|---|---|---:|---:|---:|---|"
    for site in found:
        data = _data(site)
        budget = f"{site.cloud.budget:,.0f}" if site.cloud.budget is not None else "none"
        amounts = f"{data['least']:,.0f} | {data['most']:,.0f} | {budget}"
        where = f"{site.cloud.provider} {site.region}"
        yield f"| {site.environment} | {where} | {amounts} | {_judged(site, data['least'])} |"
    for site in found:
        yield from _bill(site)
    yield ""
    yield "## What is left out"
    yield ""
    yield from (f"- {one}" for one in LEFT)
    yield ""
    yield "## Where the prices are from"
    yield ""
    for provider in _providers(found):
        table = prices()[provider]
        yield f"- {provider}, {table['region']}, unverified: {', '.join(f'`{key}`' for key in unverified(provider))}."
        yield f"  To be compared with {', '.join(f'<{source}>' for source in table['sources'])}"
        yield from (f"- {provider}, verified: `{key}` ({source})" for key, source in table[VERIFIED].items())


def _bill(site: Site) -> Iterator[str]:
    yield ""
    yield f"## {site.folder}: {site.cloud.provider} {site.region}"
    yield ""
    yield "| | at least | at most |"
    yield "|---|---:|---:|"
    missing = []
    for line in lines(site):
        if isinstance(line, Unpriced):
            missing.append(line.what)
        else:
            yield f"| {line.what} | {line.least:,.0f} | {line.most:,.0f} |"
    if missing:
        yield ""
        yield f"Not in the table of prices: {'; '.join(missing)}."


def _data(site: Site) -> dict[str, object | float]:
    bill = [line for line in lines(site) if isinstance(line, Line)]
    return {
        "environment": site.environment,
        "provider": site.cloud.provider,
        "region": site.region,
        "least": round(sum(line.least for line in bill)),
        "most": round(sum(line.most for line in bill)),
        "budget": site.cloud.budget,
        "not_priced": [line.what for line in lines(site) if isinstance(line, Unpriced)],
    }


def _judged(site: Site, least: object) -> str:
    """A tenth over is about as much."""
    if site.cloud.budget is None or not isinstance(least, int | float):
        return ""
    share = least / site.cloud.budget if site.cloud.budget else float("inf")
    return "within it" if share <= 1 else "about it" if share <= 1.1 else "over it"


TARGETS.register("cost")(Target("What each environment costs in a month, and what that leaves out", render))
