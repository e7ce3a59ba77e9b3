"""Promises of every provider of the hub: where it is, how it is authorized, and that nothing shows its key."""

from __future__ import annotations

import re
from typing import get_args
from urllib.parse import urlsplit

import pytest

from fairlead.apps.hub.calls import Operation, Unsayable
from fairlead.apps.hub.providers import PROVIDERS, Login, Provider
from fairlead.apps.hub.providers.addresses import address
from fairlead.apps.hub.providers.kinds import Compatible
from fairlead.apps.hub.shapes import SHAPES, Sent
from fairlead.errors import UsageError

KEY = "sk-town-" + "4711swordfish"
SETTINGS = {"region": "eu-west-1", "resource": "town", "project": "town-1"}
LOGIN = Login("first", KEY, SETTINGS)
BODIES = {
    "openai_chat": b'{"model":"m","messages":[{"role":"user","content":"hi"}]}',
    "anthropic": b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
}


@pytest.fixture(params=PROVIDERS.names())
def provider(request: pytest.FixtureRequest) -> Provider:
    """Each provider."""
    return PROVIDERS.get(request.param)


def test_it_is_known_by_its_own_name(provider: Provider) -> None:
    """What is registered under a name is called so."""
    assert PROVIDERS.get(provider.name) is provider


def test_what_it_speaks_is_there(provider: Provider) -> None:
    """Each shape that it names is a shape that the hub has."""
    spoken = {provider.shape_of(operation) for operation in get_args(Operation)} - {None}
    assert spoken - set(SHAPES) == set()
    assert spoken


def test_it_speaks_the_shape_of_the_client_only_when_it_says_so(provider: Provider) -> None:
    """An unknown shape is not taken for one of its own."""
    assert provider.shape_of("chat", "smoke signals") == provider.shape_of("chat")


def test_an_operation_that_it_has_not_is_refused_before_it_is_asked(provider: Provider) -> None:
    """None for what it lacks, never another operation's shape."""
    lacks = [operation for operation in get_args(Operation) if provider.shape_of(operation) is None]
    assert provider.name in ("echo", "openai_compatible") or lacks


def test_its_address_is_secure_or_on_this_machine(provider: Provider) -> None:
    """A key never travels in the clear."""
    parts = urlsplit(address(provider.name, provider.url, SETTINGS))
    assert parts.scheme == "https" or parts.hostname == "127.0.0.1"
    assert not parts.query
    assert not (parts.path or "/x").endswith("/")


def test_its_key_is_in_a_header_and_nowhere_else(provider: Provider) -> None:
    """Not in the path, where logs would keep it, and not in what it shows of itself."""
    sent = Sent("/v1/chat/completions", {}, b"{}")
    assert KEY not in provider.path("chat", sent, "m", LOGIN)
    provider.headers(LOGIN)
    assert KEY not in repr(provider)
    assert KEY not in repr(LOGIN)
    assert KEY not in repr(provider.keeper(LOGIN))


def test_a_path_begins_with_a_slash_and_has_no_double_one(provider: Provider) -> None:
    """So that it can be joined to the address."""
    path = provider.path("chat", Sent("/v1/chat/completions", {}, b"{}"), "m", LOGIN)
    assert path.startswith("/")
    assert "//" not in path


def test_header_names_are_in_lower_case(provider: Provider) -> None:
    """HTTP/2 knows no other, and they are compared with the client's."""
    assert [name for name in provider.headers(LOGIN) if name != name.lower()] == []
    assert [name for name in {*provider.passes, *provider.needs} if name != name.lower()] == []


def test_it_never_passes_on_a_header_that_authorizes(provider: Provider) -> None:
    """The client's key is the hub's, and none of the provider's business."""
    secret = {b"authorization", b"x-api-key", b"api-key", b"cookie", b"proxy-authorization", b"x-goog-api-key"}
    assert provider.passes & secret == set()


def test_without_a_key_no_empty_one_is_sent(provider: Provider) -> None:
    """A server of one's own may need none."""
    assert [
        value for value in provider.headers(Login("none", "", SETTINGS)).values() if value.strip() in ("", "Bearer")
    ] == []


def test_a_plain_request_fits_as_it_is(provider: Provider) -> None:
    """What has no quirk is passed on byte by byte."""
    shape = provider.shape_of("chat")
    if shape in BODIES:
        assert provider.fit(shape, BODIES[shape]) == BODIES[shape]


def test_its_variable_is_a_variable(provider: Provider) -> None:
    """As a shell would take it."""
    assert provider.variable is None or re.fullmatch(r"[A-Z][A-Z0-9_]*", provider.variable)


@pytest.mark.parametrize("name", [name for name in PROVIDERS if isinstance(PROVIDERS.get(name), Compatible)])
def test_each_thing_that_it_lacks_is_refused_by_name(name: str) -> None:
    """A field of the chat that the vendor refuses, or would not heed, is an error that names both."""
    provider = PROVIDERS.get(name)
    assert isinstance(provider, Compatible)
    for field in provider.quirks.lacks:
        with pytest.raises(Unsayable, match=f"{name} can't do `{field}`"):
            provider.fit("openai_chat", b'{"model":"m","messages":[],"%b":7}' % field.encode())


def test_a_missing_setting_is_named() -> None:
    """With the address that needs it."""
    with pytest.raises(UsageError, match=r"providers\.azure\.settings\.resource: is missing"):
        address("azure", PROVIDERS.get("azure").url, {})
