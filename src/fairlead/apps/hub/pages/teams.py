"""Teams and budgets: who shares limits, and how much of each limit is used.

A team of the configuration is changed there; others are made here and live in the store.
"""

from __future__ import annotations

from math import inf
from typing import Literal
from urllib.parse import unquote

from pydantic import Field

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts import issuing
from fairlead.apps.hub.accounts.limits import CONCURRENT, MEASURES, MONEY, NANO
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.pages.asking import Asked, Form, Refused
from fairlead.apps.hub.pages.endpoints import Endpoint
from fairlead.apps.hub.pages.forms import Budget, LimitForm, Name, limits_of, moment
from fairlead.apps.hub.state import Hub
from fairlead.kit.suggest import hint

MOST = 1000
"""Budgets in one answer."""


class TeamForm(Form):
    """Keys that share limits."""

    limits: list[LimitForm] = Field(default_factory=list)


class TeamShown(TeamForm):
    """A team as it is."""

    name: str
    source: Literal["configuration", "store"]


class TeamsShown(Form):
    """All of them, by name."""

    teams: list[TeamShown]


class BudgetsAsked(Form):
    """Whose."""

    key: str | None = None
    team: str | None = None


class BudgetsShown(Form):
    """Every limit that holds, as it stands."""

    budgets: list[Budget]


async def listed(hub: Hub, asked: Asked) -> TeamsShown:
    """Every team."""
    teams = hub.office.roster.teams
    return TeamsShown(teams=[_shown(hub, name, teams[name]) for name in sorted(teams)])


async def shown(hub: Hub, asked: Asked) -> TeamShown:
    """One of them."""
    name = asked.names["name"]
    return _shown(hub, name, _known(hub, name))


async def put(hub: Hub, asked: Asked) -> TeamShown:
    """A team, new or with other limits."""
    name = _ours(hub, asked)
    team = issuing.team_of(name, asked.body)
    await hub.office.store.put_team(name, team.model_dump_json(by_alias=True, exclude_unset=True))
    await _learned(hub)
    return _shown(hub, name, team)


async def gone(hub: Hub, asked: Asked) -> Name:
    """The end of a team."""
    name = _ours(hub, asked)
    _known(hub, name)
    if keys := sorted({account.name for account in hub.office.keyring if account.team == name}):
        some = ", ".join(keys[:5]) + (", …" if len(keys) > 5 else "")
        message = f"the team {name} has {len(keys)} keys: {some}"
        raise Refused(409, "team_in_use", message, hint="put them into another team, or revoke them, first")
    await hub.office.store.put_team(name, None)
    await _learned(hub)
    return Name(name=name)


async def budgets(hub: Hub, asked: Asked) -> BudgetsShown:
    """How much of each limit is used."""
    wanted = {(scope, name) for scope in ("key", "team") if (name := getattr(asked.query, scope)) is not None}
    found = [one for one in hub.office.roster.meters if not wanted or _whose(one) in wanted]
    if len(found) > MOST:
        raise Refused(400, "too_many", f"there are {len(found)} limits, the most told is {MOST}", hint="name a key")
    used = await hub.office.used(found)
    return BudgetsShown(
        budgets=[_budget(meter, used[meter]) for meter in sorted(found, key=lambda one: one.rule.counter)]
    )


def _whose(meter: Meter) -> tuple[str, str]:
    scope, name, *_ = meter.rule.counter.split("|")
    return scope, unquote(name)


def _budget(meter: Meter, used: int) -> Budget:
    rule, scale = meter.rule, NANO if meter.rule.measure == MONEY else 1
    scope, name = _whose(meter)
    running = rule.measure == CONCURRENT
    ends = meter.slice.ends
    return Budget(
        scope="key" if scope == "key" else "team",
        name=name,
        measure="usd" if rule.measure == MONEY else MEASURES[rule.measure],
        per=rule.window.name,
        model=rule.model,
        limit=rule.most / scale,
        used=None if running else used / scale,
        left=None if running else max(0, rule.most - used) / scale,
        ends=None if ends == inf else moment(ends),
    )


def _shown(hub: Hub, name: str, team: config.Team) -> TeamShown:
    source: Literal["configuration", "store"] = "configuration" if hub.office.roster.declares(name) else "store"
    return TeamShown(name=name, source=source, limits=limits_of(team.limits))


def _known(hub: Hub, name: str) -> config.Team:
    teams = hub.office.roster.teams
    if name not in teams:
        raise Refused(404, "unknown_team", f"there is no team {name[:100]}", hint=hint(name, teams))
    return teams[name]


def _ours(hub: Hub, asked: Asked) -> str:
    name = asked.names["name"]
    if hub.office.roster.declares(name):
        message = f"the team {name} stands in the configuration"
        raise Refused(409, "declared_team", message, hint="teams of the configuration are changed there")
    return name


async def _learned(hub: Hub) -> None:
    try:
        await hub.office.look()
    except StoreAway:
        return


ENDPOINTS = (
    Endpoint("GET", "/admin/teams", "List teams", listed, TeamsShown, "Teams and budgets"),
    Endpoint("GET", "/admin/teams/{name}", "Show a team", shown, TeamShown, "Teams and budgets"),
    Endpoint(
        "PUT", "/admin/teams/{name}", "Make a team, or set its limits", put, TeamShown, "Teams and budgets",
        body=TeamForm, words="What was spent stays spent.",
    ),
    Endpoint(
        "DELETE", "/admin/teams/{name}", "Delete a team", gone, Name, "Teams and budgets",
        words="Refused while it has keys: they would be without its limits.",
    ),
    Endpoint(
        "GET", "/admin/budgets", "Show how much of each limit is used", budgets, BudgetsShown, "Teams and budgets",
        query=BudgetsAsked, words="Limits are set with their key or team.",
    ),
)  # fmt: skip
