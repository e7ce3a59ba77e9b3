"""A client's connection through its life: one request after another, slow, silent, gone, and told to end."""

from __future__ import annotations

import asyncio

import pytest
from tests.apps.hub.wire.sockets import OK, post, serving, until

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.exchange import Exchange

BIG = b"x" * 65536


async def test_one_connection_serves_many_requests() -> None:
    """Keep-alive."""
    async with serving() as served:
        client = await served.connects()
        for body in (b"one", b"two", b"three"):
            client.send(post(body))
            assert await client.answer() == body
        client.close()


async def test_requests_sent_ahead_are_answered_one_at_a_time_and_in_order() -> None:
    """The second is not begun before the first is answered."""
    held: list[Exchange] = []
    async with serving(held.append) as served:
        client = await served.connects()
        client.send(post(b"one") + post(b"two") + post(b"three"))
        await until(lambda: len(held) == 1)
        await asyncio.sleep(0)
        assert len(held) == 1

        for number, body in enumerate((b"one", b"two", b"three")):
            await until(lambda n=number: len(held) > n)  # type: ignore[misc]  # mypy can't infer a lambda with defaults
            held[number].answer(OK, held[number].body)
            assert await client.answer() == body
        client.close()


async def test_a_client_that_sends_far_ahead_is_not_read_any_further() -> None:
    """Else what it sends would fill memory. That it leaves is noticed when it is answered."""
    held: list[Exchange] = []
    async with serving(held.append, Bounds(waiting_bytes=100_000)) as served:
        client = await served.connects()
        client.send(post(b"first"))
        await until(lambda: len(held) == 1)
        for _ in range(400):
            client.send(post(BIG))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.writer.drain()

        (connection,) = served.clients.connected
        assert len(connection._waiting) < 20
        client.vanish()
        while served.clients.connected:
            held[-1].answer(OK, BIG)
            await asyncio.sleep(0.001)


async def test_all_of_them_are_answered_once_they_can_be() -> None:
    """Reading goes on when what waits has gone."""
    async with serving(bounds=Bounds(waiting=2)) as served:
        client = await served.connects()
        for number in range(200):
            client.send(post(b"%d" % number))

        assert [await client.answer() for _ in range(200)] == [b"%d" % number for number in range(200)]
        client.close()


@pytest.mark.parametrize(
    ("sent", "more"), [(b"", b""), (b"POST / HT", b"T"), (b"POST / HTTP/1.1\r\nhost: hub\r\nx: ", b"a")]
)
async def test_a_head_that_never_ends_ends_its_connection(sent: bytes, more: bytes) -> None:
    """Slowloris: a byte now and then keeps nothing alive."""
    async with serving() as served:
        client = await served.connects()
        client.send(sent)
        await until(lambda: len(served.clients.connected) == 1)
        await asyncio.sleep(0.02)
        served.passes(14)
        client.send(more)
        await asyncio.sleep(0.02)
        served.passes(2)

        told = await client.rest()
        assert told == b"" or told.startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_never_ends_ends_its_connection() -> None:
    """The same for what follows the head, in the time that its length is worth."""
    async with serving() as served:
        client = await served.connects()
        client.send(b"POST / HTTP/1.1\r\nhost: hub\r\ncontent-length: 655360\r\n\r\nabc")
        await until(lambda: any(one.until > served.clock() + 60 for one in served.clients.connected))
        served.passes(65)
        assert served.clients.connected
        served.passes(10)

        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_without_requests_ends_after_a_while() -> None:
    """Without a word: the client may just be sending."""
    async with serving() as served:
        client = await served.connects()
        client.send(post(b"hi"))
        await client.answer()
        served.passes(74)
        client.send(post(b"hi"))
        await client.answer()
        served.passes(76)

        assert await client.rest() == b""


async def test_an_answer_may_take_any_time() -> None:
    """Who answers looks after that; a thinking model is no idle client."""
    held: list[Exchange] = []
    async with serving(held.append) as served:
        client = await served.connects()
        client.send(post(b"hi"))
        await until(lambda: bool(held))
        served.passes(100_000)
        held[0].answer(OK, b"at last")

        assert await client.answer() == b"at last"
        client.close()


async def test_a_client_that_leaves_is_noticed_at_once() -> None:
    """Whether it says goodbye or not."""
    held: list[Exchange] = []
    gone: list[int] = []

    def hold(exchange: Exchange) -> None:
        number = len(held)
        held.append(exchange)
        exchange.gone = lambda: gone.append(number)

    async with serving(hold) as served:
        for leave in ("close", "vanish", "half-close"):
            client = await served.connects()
            client.send(post(b"hi"))
            await until(lambda count=len(held): len(held) > count)  # type: ignore[misc]  # as above
            if leave == "close":
                client.close()
            elif leave == "vanish":
                client.vanish()
            else:
                client.writer.write_eof()
            await until(lambda: len(gone) == len(held))

        assert gone == [0, 1, 2]
        assert not any(one.open for one in held)
        assert not served.clients.connected


async def test_a_client_that_does_not_read_stops_whoever_answers_and_is_given_up() -> None:
    """Back-pressure: memory holds what the socket and one buffer hold, and no more."""
    held: list[Exchange] = []
    signs: list[str] = []

    def hold(exchange: Exchange) -> None:
        held.append(exchange)
        exchange.stalled = lambda: signs.append("stalled")
        exchange.flows = lambda: signs.append("flows")
        exchange.gone = lambda: signs.append("gone")
        exchange.begin(OK)

    async with serving(hold) as served:
        client = await served.connects()
        client.send(post(b"hi"))
        await until(lambda: bool(held))
        sent = 0
        while "stalled" not in signs:
            held[0].send(BIG)
            sent += len(BIG)
            await asyncio.sleep(0)
        assert sent < 64 * 1024 * 1024

        read = 0
        while "flows" not in signs:
            read += len(await client.reader.read(65536))
        assert read > 0

        while signs[-1] != "stalled":
            held[0].send(BIG)
            await asyncio.sleep(0)
        served.passes(59)
        assert signs[-1] == "stalled"
        served.passes(2)
        await until(lambda: signs[-1] == "gone")
        client.vanish()


async def test_a_stalled_client_can_not_ask_for_more() -> None:
    """Requests sent ahead wait until the answers before them are taken."""
    answered: list[Exchange] = []

    def much(exchange: Exchange) -> None:
        answered.append(exchange)
        exchange.answer(OK, b"x" * 8_000_000)

    async with serving(much) as served:
        client = await served.connects()
        for _ in range(10):
            client.send(post(b"more"))
        await until(lambda: bool(answered))
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert len(answered) < 5

        for _ in range(10):
            assert len(await client.answer()) == 8_000_000
        client.close()


async def test_a_client_of_http_1_0_gets_no_chunks() -> None:
    """To it the end of the connection is the end of the answer."""

    def streams(exchange: Exchange) -> None:
        exchange.begin(OK)
        exchange.send(b"one ")
        exchange.send(b"two")
        exchange.end()

    async with serving(streams) as served:
        told = await served.sends(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")

        assert told == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\none two"


async def test_a_head_is_asked_without_its_body() -> None:
    """HEAD: the same head, with the length that the body would have."""
    async with serving(lambda exchange: exchange.answer(OK, b"hello")) as served:
        client = await served.connects()
        client.send(b"HEAD / HTTP/1.1\r\nhost: hub\r\n\r\n")
        assert b"content-length: 5" in await client.head()
        client.send(b"GET / HTTP/1.1\r\nhost: hub\r\n\r\n")

        assert await client.answer() == b"hello"
        client.close()


async def test_a_connection_that_the_client_wants_closed_is_closed() -> None:
    """And the answer says so; whatever follows is not served."""
    async with serving() as served:
        told = await served.sends(post(b"hi", b"connection: close") + post(b"again"))

        assert told.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" in told
        assert len(served.asked) == 1


async def test_an_answer_that_breaks_is_seen_to_be_broken() -> None:
    """Without the last chunk no client takes it for whole."""

    def breaks(exchange: Exchange) -> None:
        exchange.begin(OK)
        exchange.send(b"half")
        asyncio.get_running_loop().call_later(0.05, exchange.fail)

    async with serving(breaks) as served:
        told = await served.sends(post(b"hi"))

        assert told.endswith(b"half\r\n")


async def test_told_to_end_it_ends_idle_connections_and_finishes_the_others() -> None:
    """A request that has begun to come is still taken."""
    held: list[Exchange] = []
    async with serving(held.append) as served:
        idle, busy, coming = [await served.connects() for _ in range(3)]
        busy.send(post(b"busy"))
        coming.send(post(b"coming")[:-3])
        await until(lambda: len(held) == 1 and len(served.clients.connected) == 3)
        await asyncio.sleep(0.05)

        served.clients.close()

        assert await idle.rest() == b""
        held[0].answer(OK, b"done")
        assert (await busy.rest()).endswith(b"connection: close\r\n\r\ndone")
        coming.send(post(b"coming")[-3:])
        await until(lambda: len(held) == 2)
        held[1].answer(OK, b"done too")
        assert (await coming.rest()).endswith(b"done too")
        await served.clients.emptied.wait()


async def test_a_fault_of_ours_ends_the_connection_and_is_told() -> None:
    """It must not look like a fault of the client's."""
    told: list[dict[str, object]] = []

    def fails(exchange: Exchange) -> None:
        raise RuntimeError("made up")

    async with serving(fails) as served:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

        assert await served.sends(post(b"hi")) == b""
        assert "made up" in str(told[0]["exception"])


async def test_beyond_the_most_connections_a_client_is_turned_away() -> None:
    """With a status that says to come again."""
    async with serving(bounds=Bounds(connections=2)) as served:
        clients = [await served.connects() for _ in range(2)]
        await until(lambda: len(served.clients.connected) == 2)

        assert (await served.sends(b"")).startswith(b"HTTP/1.1 503 ")
        clients[0].send(post(b"hi"))
        assert await clients[0].answer() == b"hi"
        for client in clients:
            client.close()
