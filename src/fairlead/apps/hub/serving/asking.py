"""The bytes of a request for a provider: the client's own where the protocol is the same, else translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from fairlead.apps.hub.calls import Chat, Plain
from fairlead.apps.hub.routes.targets import Lane, Target, lines_of
from fairlead.apps.hub.serving import traces
from fairlead.apps.hub.shapes import Sent, Shape
from fairlead.apps.hub.shapes.easing import leniently
from fairlead.apps.hub.shapes.openai_plain import owners

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

JSON = b"application/json"
SECRET = frozenset({"key", "api_key", "access_token"})
"""Parameters that may hold the client's key, which is nothing to a provider."""


def passed_on(flight: Flight, target: Target, lane: Lane) -> bytes:
    """The request as it came, but for the model's name. Raises `Unsayable`, `Unready`."""
    exchange, asked, place, kind = flight.exchange, flight.asked, flight.place, target.host.kind
    body = exchange.body
    if asked.model != target.model or asked.stream or _is_doubtful(body):
        body = flight.shape.renamed(place, body, target.model)
    body = kind.fit(flight.shape.name, body, target.host.lenient)
    headers = exchange.headers
    owned = asked.operation in owners.OWNED
    if owned or exchange.query or lane.signs or headers.get(b"content-type") != JSON:
        return _unusual(flight, target, lane, body)
    head = target.head(lane, place)
    if kind.needs or not kind.passes.isdisjoint(headers):
        head += _passing(flight, target, {})
    if flight.trace is not None or b"traceparent" in headers:
        head += traces.lines(flight)
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


def translated(flight: Flight, target: Target, lane: Lane, shape: Shape) -> bytes:
    """The request in another protocol. Raises `Unsayable`, `Unready`."""
    call = flight.call()
    if isinstance(call, Chat):
        call = replace(call, model=target.model, stream_usage=call.stream or call.stream_usage)
    else:
        call = Plain(call.operation, target.model, call.fields, call.files, call.stream)
    host = target.host
    sent = leniently(shape.write_call, call) if host.lenient and isinstance(call, Chat) else shape.write_call(call)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    headers.setdefault("content-type", "application/json")
    sent = Sent(sent.path, headers, host.kind.fit(shape.name, sent.body, host.lenient))
    return _written(flight, target, lane, sent)


def _is_doubtful(body: bytes) -> bool:
    """Whether it may name two models: the provider might take the one that was not looked at here.

    Two searches from either end cost half of counting, and a backslash is found ten times as fast as an escape.
    """
    if body.find(b'"model"') != body.rfind(b'"model"'):
        return True
    return b"\\" in body and b"\\u006" in body


def _passing(flight: Flight, target: Target, told: Mapping[str, str]) -> bytes:
    """The client's headers that the provider wants to see, and those that it needs; none that is `told` already."""
    headers, kind = flight.exchange.headers, target.host.kind
    passed = {name: headers[name] for name in kind.passes if name in headers}
    whole = {**kind.needs, **passed} if kind.needs else passed
    return b"".join(b"%b: %b\r\n" % (name, value) for name, value in whole.items() if name.decode() not in told)


def _unusual(flight: Flight, target: Target, lane: Lane, body: bytes) -> bytes:
    """With a query or an id, of another content type than JSON, or signed."""
    exchange = flight.exchange
    owned = flight.asked.operation in owners.OWNED  # whose places have ids, as their provider knows them
    path = exchange.path.decode("latin-1") if owned else target.path(flight.place)
    if query := kept(exchange.query):
        path = f"{path}?{query}"
    path = owners.unmarked_path(path) if owned else path
    content = exchange.headers.get(b"content-type", JSON).decode("latin-1")
    return _written(flight, target, lane, Sent(path, {"content-type": content}, body))


def _written(flight: Flight, target: Target, lane: Lane, sent: Sent) -> bytes:
    method, operation, host = flight.place.method, flight.asked.operation, target.host
    head = target.written(lane, method, operation, sent)
    if lane.signs:
        url = host.address + host.kind.path(operation, sent, target.model, lane.login)
        head += lines_of(host.kind.sign(lane.login, method, url, sent, flight.desk.wall()) or {})
    head += _passing(flight, target, sent.headers) + traces.lines(flight)
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(sent.body), sent.body)


def kept(query: bytes) -> str:
    """A query without what may be a key."""
    if not query:
        return ""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if name.lower() not in SECRET])
