"""`/stream`: a secret in any number of pieces, and not a byte of it before it is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise

import aiohttp
import pytest
from tests.apps.guard.service.services import GITHUB, KEY, PASSWORD, Make, Town, town

TEXT = f'before {GITHUB} between\npassword = "{PASSWORD}" behind\n'
SHOWN = 'before <secret:github.personal-access-token> between\npassword = "<secret:generic.password>" behind\n'


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    """The data, so many bytes at a time."""
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_body_in_pieces_comes_back_without_its_secrets(make: Make, size: int) -> None:
    """As plain text, byte for byte but for them."""
    async with town(make()) as here:
        answer = await here.http.post(
            "/stream", content=pieces(TEXT.encode() + b"\xff\xc3", size), headers={"accept": "text/plain"}
        )

    assert answer.content == SHOWN.encode() + b"\xff\xc3"


async def test_json_lines_tell_what_was_found_and_where(make: Make) -> None:
    """Places are those of the whole text."""
    async with town(make()) as here:
        answer = await here.http.post("/stream", content=pieces(TEXT.encode(), 5))
    lines = [json.loads(line) for line in answer.text.splitlines()]

    assert "".join(line.get("text", "") for line in lines) == SHOWN
    found = [one for line in lines for one in line.get("findings", [])]
    assert [TEXT[one["start"] : one["end"]] for one in found] == [GITHUB, PASSWORD]
    assert lines[-1] == {"end": True, "model_version": "built-in"}


async def test_the_answer_begins_while_the_body_still_comes(make: Make) -> None:
    """Full duplex: the second piece is sent only when the first has come back."""
    async with town(make()) as here, aiohttp.ClientSession() as session:
        came = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"one two three\n"
            await came.wait()
            yield GITHUB.encode()

        headers = {"accept": "text/plain"}
        async with session.post(f"{here.url}/stream", data=body(), headers=headers) as answer:
            first = await answer.content.readany()
            came.set()
            rest = await answer.content.read()

    assert (first + rest).decode() == "one two three\n<secret:github.personal-access-token>"
    assert first


async def test_a_piece_that_does_not_come_ends_the_stream(make: Make) -> None:
    """After the time limit, in JSON's own words."""
    async with town(make(timeout="100ms")) as here, aiohttp.ClientSession() as session:
        never = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"one "
            await never.wait()

        async with session.post(f"{here.url}/stream", data=body()) as answer:
            lines = (await answer.text()).splitlines()
            never.set()

    assert json.loads(lines[-1])["error"]["code"] == "too_slow"


async def spoken(here: Town, texts: list[str], headers: dict[str, str]) -> list[dict[str, object]]:
    """What a WebSocket says to these pieces."""
    said = []
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(f"{here.url}/stream") as socket:
        for step in [
            *({"part": 1, "text": text, "redact": True} for text in texts),
            {"part": 1, "end": True, "redact": True},
        ]:
            await socket.send_json(step)
            said.append(json.loads((await socket.receive()).data))
    return said


async def test_a_secret_cut_anywhere_is_not_cleared_before_it_is_found(make: Make) -> None:
    """Over a WebSocket, at each cut: what is cleared never reaches into it while it is not told."""
    async with town(make(KEY)) as here:
        for cut in range(7, 7 + len(GITHUB), 3):
            said = await spoken(here, [TEXT[:cut], TEXT[cut:]], {"X-API-KEY": KEY})
            assert int(str(said[0]["clear"])) <= 7
            found = [one for step in said for one in step["findings"]]  # type: ignore[attr-defined]  # JSON
            assert [TEXT[one["start"] : one["end"]] for one in found] == [GITHUB, PASSWORD]
            assert "".join(str(step["text"]) for step in said) == SHOWN.replace("token>", "token:1>").replace(
                "password>", "password:2>"
            )
            clears = [int(str(step["clear"])) for step in said]
            assert all(a <= b for a, b in pairwise(clears))
            assert clears[-1] == len(TEXT)


async def test_a_socket_without_a_key_is_not_opened(make: Make) -> None:
    """As a request would not be."""
    async with town(make(KEY)) as here:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await spoken(here, ["a"], {})

    assert refused.value.status == 403


async def test_texts_of_one_socket_are_kept_apart(make: Make) -> None:
    """Half a secret in each is no secret."""
    half = len(GITHUB) // 2
    said = []
    async with (
        town(make()) as here,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{here.url}/stream") as socket,
    ):
        for step in (
            {"part": 1, "text": GITHUB[:half]},
            {"part": 2, "text": GITHUB[half:]},
            {"part": 1, "end": True},
            {"part": 2, "end": True},
        ):
            await socket.send_json(step)
            said.append(json.loads((await socket.receive()).data))
        await socket.send_str("no json")
        closed = await socket.receive()

    assert [step["findings"] for step in said] == [[], [], [], []]
    assert closed.type is aiohttp.WSMsgType.CLOSE
    assert closed.data == 1008
