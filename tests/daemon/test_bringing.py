"""Which services are meant, and in which order they come."""

from __future__ import annotations

import pytest

from fairlead.daemon.claims import Claims
from fairlead.daemon.ordering import levels, selected, units
from fairlead.engine.plan import ServiceChange
from fairlead.errors import Conflict, UsageError
from fairlead.stack.model import Stack

STACK = Stack.model_validate(
    {
        "name": "town",
        "services": {
            "web": {"command": "web", "needs": ["api"]},
            "api": {"command": "api", "needs": ["notes", "db"]},
            "notes": {"command": "notes"},
            "debugger": {"command": "debugger", "profiles": ["debug"]},
        },
        "stores": {"db": {"kind": "postgres"}},
    }
)


def test_services_come_in_the_order_of_their_needs() -> None:
    """What needs nothing first; those of one level side by side."""
    changes = [ServiceChange(name, "start") for name in STACK.services]
    assert [[change.service for change in level] for level in levels(STACK, changes)] == [
        ["notes", "debugger"],
        ["api"],
        ["web"],
    ]


def test_new_versions_that_belong_together_are_released_as_one() -> None:
    """Those that have one: what only starts, or stays, is left by itself."""
    services = {"hub": {"command": "hub", "release": {"with": ["prompts", "guard", "market"]}}}
    services |= {name: {"command": name} for name in ("prompts", "guard", "market")}
    stack = Stack.model_validate({"name": "town", "services": services})
    guard = ServiceChange("guard", "start")
    changes = [
        ServiceChange("prompts", "release"),
        guard,
        ServiceChange("hub", "release"),
        ServiceChange("gone", "stop"),
    ]
    assert {lead: [one.service for one in found] for lead, found in units(stack, changes).items()} == {
        "hub": ["hub", "prompts"],
        "guard": ["guard"],
    }
    alone = [ServiceChange("prompts", "release"), ServiceChange("hub", "keep")]
    assert sorted(units(stack, alone)) == ["hub", "prompts"]


def test_a_need_that_is_not_to_be_changed_is_not_waited_for() -> None:
    """It runs already."""
    changes = [ServiceChange(name, "release") for name in ("web", "notes")]
    assert [[change.service for change in level] for level in levels(STACK, changes)] == [["web", "notes"]]


def test_without_names_every_service_outside_profiles_is_meant() -> None:
    """Until one is asked for."""
    assert selected(STACK, [], []) == ["web", "api", "notes"]
    assert selected(STACK, [], ["debug"]) == ["web", "api", "notes", "debugger"]


def test_a_named_service_brings_what_it_needs() -> None:
    """In whatever profile it is."""
    assert selected(STACK, ["api"], []) == ["api", "notes"]
    assert selected(STACK, ["debugger"], []) == ["debugger"]


def test_going_down_takes_only_those_named() -> None:
    """Or all of them, profiles included."""
    assert selected(STACK, ["api"], None) == ["api"]
    assert len(selected(STACK, [], None)) == 4


def test_an_unknown_service_is_an_error_with_a_suggestion() -> None:
    """Never ignored."""
    with pytest.raises(UsageError) as caught:
        selected(STACK, ["note"], [])
    assert caught.value.hint == "did you mean `notes`?"


def test_two_operations_on_one_service_are_a_conflict() -> None:
    """Until the first has ended, however it ended."""
    claims = Claims()
    with claims.on(["notes", "web"], "a release"):
        with pytest.raises(Conflict, match="web: a release is under way"):
            claims.on(["api", "web"], "`up`").__enter__()
        claims.on(["api"], "`up`").__enter__()
    with claims.on(["web"], "`up`"):
        pass
