"""Who may use the administration."""

from __future__ import annotations

import pytest
from tests.apps.hub.routes.tables import table
from tests.apps.hub.serving.fakes import FakeLine

from fairlead.apps.hub.pages.asking import Refused
from fairlead.apps.hub.pages.door import MOST_ADDRESSES, MOST_WRONG, SPAN_S, Door
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.wire.exchange import Exchange

from .conftest import ADMIN, Starts

RIGHT = b"made-up" + b"-right"


class Line(FakeLine):
    """A client somewhere."""

    def __init__(self, peer: str) -> None:
        super().__init__()
        self.peer = peer


def asks(door: Door, key: bytes | None, peer: str = "192.0.2.1", *, private: bool = False, **headers: bytes) -> str:
    """What comes of a request: the code of its refusal, or nothing."""
    given = {} if key is None else {b"authorization": b"Bearer " + key}
    given |= {name.replace("_", "-").encode(): value for name, value in headers.items()}
    try:
        door.admit(Exchange(Line(peer), b"GET", b"/admin/keys", given, b"", keep=True), private=private)
    except Refused as refused:
        return refused.code
    return ""


def test_whoever_has_the_key_is_let_in_on_both_listeners() -> None:
    """In either header; no part of it, and nothing in an empty one, is enough."""
    door = Door(lambda: RIGHT)
    for private in (False, True):
        assert asks(door, RIGHT, private=private) == ""
        assert asks(door, None, private=private, x_api_key=RIGHT) == ""
        assert asks(door, None, private=private) == "missing_admin_key"
        assert asks(door, RIGHT[:-1], private=private) == "wrong_admin_key"
        assert asks(door, b"", private=private) == "wrong_admin_key"
    assert asks(Door(lambda: b""), b"") == "wrong_admin_key"


def test_without_a_key_only_the_second_listener_is_open() -> None:
    """But not to a page of somebody else's in a browser."""
    door = Door(lambda: None)
    assert asks(door, RIGHT) == "administration_closed"
    assert asks(door, None, private=True) == ""
    assert asks(door, None, private=True, sec_fetch_site=b"cross-site") == "cross_site"


def test_who_guesses_has_to_wait_whatever_comes_next() -> None:
    """Also with the right key; others are not kept waiting."""
    now = [0.0]
    door = Door(lambda: RIGHT, lambda: now[0])
    told = [asks(door, b"wrong") for _ in range(MOST_WRONG + 1)]
    assert told == ["wrong_admin_key"] * MOST_WRONG + ["too_many_wrong_keys"]
    assert asks(door, RIGHT) == "too_many_wrong_keys"
    assert asks(door, RIGHT, "192.0.2.2") == ""
    now[0] += SPAN_S
    assert asks(door, RIGHT) == ""


def test_what_is_remembered_of_those_who_guess_is_bounded() -> None:
    """The oldest are forgotten."""
    door = Door(lambda: RIGHT, lambda: 0.0)
    for number in range(MOST_ADDRESSES + 10):
        asks(door, b"wrong", str(number))
    assert len(door._wrong) == MOST_ADDRESSES


async def test_a_hub_without_an_admin_key_is_administered_on_its_second_listener(starts: Starts) -> None:
    """The first says where."""
    running = await starts("models: {quick: echo/echo}", environ={})
    told = await running.public.get("/admin/keys")
    assert told.status_code == 404
    assert "--metrics-port" in told.json()["error"]["hint"]
    assert (await running.private.get("/admin/keys")).json() == {"keys": [], "next": None}


async def test_a_hub_with_one_asks_for_it(starts: Starts) -> None:
    """And tells a stranger how to send it, and when to come again."""
    running = await starts()
    for client in (running.public, running.private):
        told = await client.get("/admin/keys")
        assert told.status_code == 401
        assert told.headers["www-authenticate"].startswith("Bearer")
        assert (await client.get("/admin/keys", headers={"x-api-key": ADMIN})).status_code == 200
    for _ in range(MOST_WRONG):
        await running.public.get("/admin/keys", headers={"x-api-key": "wrong"})
    told = await running.admin.get("/admin/keys")
    assert told.status_code == 429
    assert int(told.headers["retry-after"]) > 0


def test_an_admin_key_that_is_not_there_is_a_mistake() -> None:
    """No hub begins that could be opened with nothing."""
    with pytest.raises(Misconfigured, match="admin_key: the variable ADMIN is not set"):
        table({"admin_key": "ADMIN"})
