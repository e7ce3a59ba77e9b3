"""The hello example's programs behave as its README page says: they keep, tell, refuse and end well."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import httpx
import pytest
from tests.examples.conftest import Starter


def tokens(lines: Iterator[str]) -> list[str]:
    """The tokens of a stream, which has to end as LLM providers end theirs."""
    events = [line.removeprefix("data: ") for line in lines if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    return [chunk["choices"][0]["delta"]["content"] for chunk in chunks[:-1]]


def test_notes_are_kept_newest_first(start: Starter) -> None:
    """As plain text or as JSON."""
    client = start("notes").client

    assert client.post("/notes", content="buy milk").status_code == 201
    assert client.post("/notes", json={"text": "call Ann"}).json()["id"] == 2

    assert [note["text"] for note in client.get("/notes").json()["notes"]] == ["call Ann", "buy milk"]


def test_notes_outlive_the_program(start: Starter) -> None:
    """They are in the volume."""
    first = start("notes")
    first.client.post("/notes", content="buy milk")
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(10) == 0

    assert len(start("notes").client.get("/notes").json()["notes"]) == 1


def test_what_is_no_note_is_refused_in_words(start: Starter) -> None:
    """And the connection can be used again."""
    client = start("notes").client

    assert client.post("/notes", content=" ").status_code == 400
    assert client.post("/notes", json=["buy milk"]).status_code == 400
    assert client.post("/notes", content="x" * 70_000).status_code == 413
    assert "GET /notes" in client.get("/elsewhere").json()["error"]
    assert client.get("/health").json()["status"] == "ok"


def test_a_story_is_about_the_notes_and_as_long_as_asked(start: Starter) -> None:
    """Token by token, in the shape of chat completion chunks."""
    notes = start("notes")
    notes.client.post("/notes", content="buy milk")
    stories = start("stories", NOTES_URL=notes.url, GREETING="Long, long ago", PAUSE_MS="0")

    with stories.client.stream("GET", "/stream?n=12") as answer:
        told = tokens(answer.iter_lines())

    assert answer.headers["content-type"] == "text/event-stream"
    assert len(told) == 12
    assert "".join(told).startswith("Long, long ago, somebody wrote a note. It said: buy milk")


def test_a_story_without_notes_says_so(start: Starter) -> None:
    """An empty book is no error; a book out of reach is one."""
    stories = start("stories", NOTES_URL=start("notes").url, PAUSE_MS="0")
    with stories.client.stream("GET", "/stream?n=20") as answer:
        assert "empty" in "".join(tokens(answer.iter_lines()))

    lonely = start("stories", NOTES_URL="http://127.0.0.1:9")
    assert lonely.client.get("/stream").status_code == 502
    assert lonely.client.get("/health").status_code == 200


def test_a_length_that_is_no_number_is_refused(start: Starter) -> None:
    """With what is expected."""
    client = start("stories").client
    for wrong in ("0", "-1", "many", "999999"):
        assert client.get(f"/stream?n={wrong}").status_code == 400


def test_a_story_under_way_is_told_to_its_end_after_sigterm(start: Starter) -> None:
    """No new connection is taken meanwhile, and the program ends well."""
    stories = start("stories", NOTES_URL=start("notes").url, PAUSE_MS="20")

    with stories.client.stream("GET", "/stream?n=40") as answer:
        lines = answer.iter_lines()
        first = next(lines)
        stories.process.send_signal(signal.SIGTERM)
        told = tokens(iter([first, *lines]))

    assert len(told) == 40
    assert stories.process.wait(10) == 0
    with httpx.Client() as other, pytest.raises(httpx.ConnectError):
        other.get(f"{stories.url}/health")
