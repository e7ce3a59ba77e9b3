"""What Envoy does to a request on its way, with real clients and servers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from fairlead.engine.router import Entrance, HeaderRules, RateLimit, Routing, Rule, TrafficPolicy
from fairlead.engine.routers.program import INSTANCE

from .conftest import EnvoyTown, until
from .replicas import LOOPBACK


async def serve(town: EnvoyTown, *rules: Rule, **policy: Any) -> None:
    """One replica with that policy, exposed by those rules."""
    one = await town.endpoint("v1", "one")
    upstream = replace(town.upstream(v1=(1, (one,))), policy=TrafficPolicy(**policy))
    await town.serve(Routing((Entrance(LOOPBACK, town.public_port),), (upstream,), rules))


async def test_the_loopback_listener_passes_every_path_as_it_is(envoy: EnvoyTown) -> None:
    """Other services of the machine use the service as if they were connected to it."""
    await serve(envoy)

    _, seen = await envoy.ask("GET", f"{envoy.local}/a//b%20c?x=1")

    assert seen["path"] == "/a//b%20c?x=1"


@pytest.mark.parametrize(
    ("asked", "seen"),
    [("/notes", "/"), ("/notes/", "/"), ("/notes/a/b?c=d", "/a/b?c=d"), ("/notes?c=d", "/?c=d")],
)
async def test_a_prefix_is_taken_off_where_asked(envoy: EnvoyTown, asked: str, seen: str) -> None:
    """The service sees the rest of the path, and the query."""
    await serve(envoy, envoy.rule("/notes", strip=True))

    _, content = await envoy.ask("GET", envoy.public + asked)

    assert content["path"] == seen


async def test_what_is_not_exposed_is_a_404_in_json(envoy: EnvoyTown) -> None:
    """With the request's id, so that it can be found in the access log."""
    await serve(envoy, envoy.rule("/notes"))

    answer, content = await envoy.ask("GET", f"{envoy.public}/elsewhere")

    assert answer.status == 404
    assert answer.content_type == "application/json"
    assert content["error"]["message"] == "nothing is exposed here"
    assert content["error"]["request_id"] == answer.headers["x-request-id"]


async def test_no_version_ready_is_a_503_that_says_so(envoy: EnvoyTown) -> None:
    """The client learns that the router is there and the service is not."""
    await envoy.serve(envoy.upstream(v1=(100, ())))

    answer, content = await envoy.ask("GET", envoy.local)

    assert answer.status == 503
    assert content["error"]["message"] == "no version of notes is ready"


async def test_a_request_id_is_made_and_a_given_one_is_kept(envoy: EnvoyTown) -> None:
    """The same one reaches the service and the client."""
    await serve(envoy, envoy.rule())

    made, seen = await envoy.ask("GET", envoy.public)
    kept, seen_too = await envoy.ask("GET", envoy.public, headers={"x-request-id": "my-own-id"})

    assert seen["headers"]["x-request-id"] == made.headers["x-request-id"]
    assert seen_too["headers"]["x-request-id"] == kept.headers["x-request-id"] == "my-own-id"


async def test_header_rules_set_and_remove_both_ways(envoy: EnvoyTown) -> None:
    """A percent sign stays a percent sign."""
    rules = HeaderRules({"x-added": "100%", "x-given": "ours"}, ("x-private",), {"x-from": "router"}, ("x-secretive",))
    await serve(envoy, headers=rules)

    answer, seen = await envoy.ask("GET", envoy.local, headers={"x-private": "mine", "x-given": "theirs"})

    assert seen["headers"]["x-added"] == "100%"
    assert seen["headers"]["x-given"] == "ours"
    assert "x-private" not in seen["headers"]
    assert answer.headers["x-from"] == "router"
    assert "x-secretive" not in answer.headers


async def test_a_body_over_the_limit_is_a_413(envoy: EnvoyTown) -> None:
    """Whether its length was told beforehand or not; one at the limit passes."""
    await serve(envoy, body_limit_bytes=1000)

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100

    fits, seen = await envoy.ask("POST", envoy.local, data=b"x" * 1000)
    told, _ = await envoy.ask("POST", envoy.local, data=b"x" * 1001)
    untold, _ = await envoy.ask("POST", envoy.local, data=chunks())

    assert (fits.status, seen["bytes"]) == (200, 1000)
    assert told.status == untold.status == 413


async def test_a_body_limit_leaves_websockets_alone(envoy: EnvoyTown) -> None:
    """An upgraded connection has no end of its request to wait for."""
    await serve(envoy, envoy.rule(), body_limit_bytes=10)

    async with envoy.client.ws_connect(f"{envoy.public}/ws") as socket:
        for number in range(20):
            await socket.send_str(f"hello {number}")
            assert await socket.receive_str() == f"one: hello {number}"


async def test_too_many_requests_of_one_client_are_a_429(envoy: EnvoyTown) -> None:
    """Another address has its own count."""
    await serve(envoy, rate_limit=RateLimit(3, 60.0))

    statuses = [(await envoy.ask("GET", envoy.local))[0].status for _ in range(5)]
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with aiohttp.ClientSession(connector=connector) as elsewhere, elsewhere.get(envoy.local) as other:
        assert other.status == 200

    limited, content = await envoy.ask("GET", envoy.local)
    assert statuses == [200, 200, 200, 429, 429]
    assert limited.headers["retry-after"]
    assert content["error"]["status"] == 429


async def test_server_sent_events_arrive_one_by_one(envoy: EnvoyTown) -> None:
    """Nothing waits for the end of the stream, which is not there yet."""
    await serve(envoy, envoy.rule())

    async with envoy.client.get(f"{envoy.public}/stream") as answer:
        for _ in range(5):
            assert await answer.content.readline() == b"data: one\n"
            await answer.content.readline()


async def test_a_silent_stream_ends_at_its_idle_limit_and_others_never(envoy: EnvoyTown) -> None:
    """`idle_timeout_s` counts silence; without it, a WebSocket may be silent for as long as it likes."""
    await serve(envoy, idle_timeout_s=0.2)

    async with envoy.client.ws_connect(f"{envoy.local}/ws") as socket:
        message = await socket.receive(timeout=5)

    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_a_request_over_its_time_is_a_504(envoy: EnvoyTown) -> None:
    """`timeout_s` holds for the whole of it; the headers of a stream have already gone out, so that one is cut."""
    await serve(envoy, timeout_s=0.2)

    late, _ = await envoy.ask("GET", f"{envoy.local}/hang")
    assert late.status == 504

    with pytest.raises(aiohttp.ClientPayloadError):
        async with envoy.client.get(f"{envoy.local}/stream") as answer:
            await answer.read()


async def test_http_1_0_clients_are_served(envoy: EnvoyTown) -> None:
    """Some load tools and probes still speak it, without a Host header."""
    await serve(envoy)

    reader, writer = await asyncio.open_connection(LOOPBACK, envoy.local_port)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    content = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert b" 200 OK" in content


async def test_http_2_works_without_tls_by_prior_knowledge(envoy: EnvoyTown) -> None:
    """The preface, empty settings, and a GET whose headers are in HPACK's static table (RFC 7541, appendix A)."""
    await serve(envoy, envoy.rule())
    headers = b"\x82\x84\x86\x41\x09localhost"
    frames = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + bytes([0, 0, len(headers), 1, 5, 0, 0, 0, 1]) + headers

    reader, writer = await asyncio.open_connection(LOOPBACK, envoy.public_port)
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frames)
    kind, payload = -1, b""
    while kind != 1:
        head = await reader.readexactly(9)
        kind, payload = head[3], await reader.readexactly(int.from_bytes(head[:3], "big"))
    writer.close()
    await writer.wait_closed()

    assert payload[0] == 0x88, "an indexed `:status 200`"


async def test_the_access_log_is_json_without_the_query(envoy: EnvoyTown) -> None:
    """Some APIs take keys in the query."""
    await serve(envoy)
    key = "sk-" + "made-up"
    await envoy.ask("GET", f"{envoy.local}/path?key={key}", headers={"x-request-id": "find-me"})

    async def lines() -> list[str]:
        return [line.text async for line in envoy.runtime.logs(INSTANCE) if "find-me" in line.text]

    async def written() -> bool:
        return bool(await lines())

    await until(written)
    entry = json.loads((await lines())[0])
    assert entry["path"] == "/path"
    assert entry["upstream"] == "notes|v1|http"
    assert entry["status"] == 200
    assert key not in json.dumps(entry)


async def test_errors_are_counted_and_retries_are_not(envoy: EnvoyTown) -> None:
    """A 5xx of the service, or no answer at all, is an error of its version."""
    await serve(envoy, retry_on="never")
    for path in ("/status/500", "/status/404", "/cut", "/"):
        async with envoy.client.get(envoy.local + path):
            pass

    async def counted() -> bool:
        return (await envoy.router.observe())["notes", "v1"].requests == 4

    await until(counted)
    assert (await envoy.router.observe())["notes", "v1"].errors == 2


async def test_a_broken_connection_is_tried_again_elsewhere_and_nowhere_when_not_wanted(envoy: EnvoyTown) -> None:
    """`no-answer` retries on the other endpoint; `connect` does not once the request has been sent."""
    one, two = await envoy.replica("v1", "one"), await envoy.replica("v1", "two")
    upstream = envoy.upstream(v1=(1, (one.endpoint, two.endpoint)))

    await envoy.serve(replace(upstream, policy=TrafficPolicy(retry_on="no-answer", retry_attempts=1)))
    async with envoy.client.get(f"{envoy.local}/cut") as answer:
        assert answer.status == 503
    assert sorted([*one.seen, *two.seen]) == ["/cut", "/cut"]
    assert one.seen == two.seen == ["/cut"]

    await envoy.serve(replace(upstream, policy=TrafficPolicy(retry_on="connect")))
    async with envoy.client.get(f"{envoy.local}/cut") as answer:
        assert answer.status == 503
    assert len([*one.seen, *two.seen]) == 3
