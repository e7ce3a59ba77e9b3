"""What makes two requests the same, and what keeps them apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.cache.directives import ENDLESS, Directives, directives
from fairlead.apps.hub.cache.keys import Rules, canonical, digest
from fairlead.apps.hub.calls import Operation

HI: dict[str, Any] = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": "hi"}]}
RULES = Rules(b"route", headers=(b"anthropic-beta",))


def form(fields: dict[str, Any], operation: Operation = "chat", always: bool = False) -> bytes | None:
    return canonical(operation, json.dumps(fields).encode(), always)


def test_order_blanks_streaming_and_the_end_user_make_no_difference() -> None:
    """The same question is the same question."""
    turned = {name: HI[name] for name in reversed(HI)}
    asked_for = HI | {"stream": True, "stream_options": {"include_usage": True}, "user": "u1", "metadata": {"a": "b"}}

    assert form(HI) == form(turned) == form(asked_for)
    assert canonical("chat", json.dumps(HI, indent=3).encode(), False) == form(HI)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "n"},
        {"seed": 1},
        {"max_tokens": 5},
        {"messages": [{"role": "user", "content": "hi "}]},
        {"messages": [{"role": "system", "content": "hi"}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_may_change_an_answer_makes_a_difference(change: dict[str, Any]) -> None:
    """Every field that is not known to be harmless."""
    assert form(HI | change) not in (None, form(HI))


@pytest.mark.parametrize(
    "fields",
    [
        {name: value for name, value in HI.items() if name != "temperature"},
        HI | {"temperature": 0.7},
        HI | {"temperature": False},
        HI | {"store": True},
        HI | {"background": True},
        HI | {"conversation": "c1"},
        HI | {"tools": [{"type": "mcp", "server_url": "https://there"}]},
        HI | {"tools": [{"type": "code_execution_20250825"}]},
    ],
    ids=json.dumps,
)
def test_what_is_left_to_chance_or_does_more_than_answer_is_not_kept(fields: dict[str, Any]) -> None:
    """Nor shared: each is asked for itself."""
    assert form(fields) is None


def test_a_route_may_have_all_answers_kept_but_those_that_do_more() -> None:
    """`always`, whatever the temperature."""
    assert form(HI | {"temperature": 0.7}, always=True) is not None
    assert form(HI | {"store": True}, always=True) is None


def test_operations_differ_in_what_may_be_kept() -> None:
    """Embeddings are the same each time, images never are, uploads are no questions."""
    asked = {"model": "m", "input": "hi"}

    assert form(asked, "embedding") is not None
    assert form(asked, "image") is None
    assert form(asked, "image", always=True) is not None
    assert form(asked, "files", always=True) is None
    assert form(asked, "transcription", always=True) is None


def test_geminis_temperature_stands_elsewhere() -> None:
    """In `generationConfig`."""
    asked: dict[str, Any] = {"contents": [{"parts": [{"text": "hi"}]}]}

    assert form(asked | {"generationConfig": {"temperature": 0}}) is not None
    assert form(asked | {"generationConfig": {"temperature": 1}}) is None
    assert form(asked | {"generationConfig": "none"}) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"temperature":0,"messages":[{"content":"a"}],"messages":[{"content":"b"}]}',
        b'{"temperature":0,"messages":[{"content":"a","content":"b"}]}',
        b'{"temperature":0,"a":1,"a":2}',
        b'{"temperature":0,"a":"\\u0022\\u0022","b":1,"b":1}',
        b"[]",
        b"nonsense",
        b'{"temperature":0,"a":"\xff"}',
        b'{"temperature":0,"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_what_can_be_read_in_two_ways_is_not_kept(body: bytes) -> None:
    """A provider may heed the other one of two fields: one could plant an answer to another's question."""
    assert canonical("chat", body, False) is None


pieces = st.text(max_size=6)


@given(st.lists(st.tuples(pieces, pieces, pieces, pieces, pieces), min_size=2, max_size=2, unique=True))
def test_no_two_tenants_routes_protocols_headers_or_bodies_share_a_key(pairs: list[tuple[str, ...]]) -> None:
    """Also where one's end looks like the other's beginning."""
    keys = {
        digest(
            Rules(route.encode(), headers=(b"beta",)), tenant, shape, "chat", {b"beta": beta.encode()}, body.encode()
        )
        for tenant, route, shape, beta, body in pairs
    }

    assert len(keys) == 2


def test_only_headers_that_reach_the_provider_count() -> None:
    """Others differ with every client."""
    plain = digest(RULES, "t", "anthropic", "chat", {}, b"{}")

    assert digest(RULES, "t", "anthropic", "chat", {b"user-agent": b"x"}, b"{}") == plain
    assert digest(RULES, "t", "anthropic", "chat", {b"anthropic-beta": b"x"}, b"{}") != plain


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, Directives()),
        (b"", Directives()),
        (b"no-cache", Directives(reads=False)),
        (b"no-store", Directives(reads=False, keeps=False)),
        (b"Max-Age=60, only-if-cached", Directives(only=True, most_age_s=60)),
        (b"max-age=0", Directives(most_age_s=0)),
        (b'max-age="5"', Directives(most_age_s=5)),
        (b"max-age=soon", Directives(most_age_s=0)),
        (b"min-fresh=10", Directives(least_left_s=10)),
        (b"min-fresh", Directives(least_left_s=ENDLESS)),
        (b"no-transform, stale-if-error=3", Directives()),
        (b",,=,;", Directives()),
    ],
)
def test_a_client_says_what_it_takes_in_cache_control(header: bytes | None, said: Directives) -> None:
    """RFC 9111, 5.2.1; what can't be read is taken for the strictest."""
    assert directives(header) == said
