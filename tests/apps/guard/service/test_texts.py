"""`/scan`, `/redact` and `/restore`: whole texts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.apps.guard.service.services import GITHUB, PASSWORD, Make, town

TEXT = f'grüße 🔑 token {GITHUB} and\npassword = "{PASSWORD}" and {GITHUB} again'


async def test_places_count_characters_of_each_document(make: Make) -> None:
    """Whatever stands before."""
    async with town(make()) as here:
        one = await here.post("/scan", {"text": TEXT})
        several = await here.post("/scan", {"documents": [{"text": "nothing"}, {"text": TEXT, "name": "notes"}]})

    assert [TEXT[one["start"] : one["end"]] for one in one["findings"]] == [GITHUB, PASSWORD, GITHUB]
    assert [len(each["findings"]) for each in several["documents"]] == [0, 3]
    assert several["documents"][1]["name"] == "notes"


@pytest.mark.parametrize("length", [0, 40_000])
async def test_a_redacted_text_is_restored_by_whoever_holds_the_map(make: Make, length: int) -> None:
    """Equal values look equal; a long text goes another way, to the same end."""
    text = "word " * (length // 5) + TEXT
    async with town(make()) as here:
        made = await here.post("/redact", {"text": text, "map": True})
        back = await here.post("/restore", {"text": made["text"], "map": made["map"]})
        bare = await here.post("/redact", {"text": text})

    assert GITHUB not in made["text"]
    assert PASSWORD not in made["text"]
    assert made["text"].count("<secret:github.personal-access-token:1>") == 2
    assert back == {"text": text}
    assert bare["text"] == made["text"]
    assert "map" not in bare


async def test_a_map_goes_on_with_its_placeholders(make: Make) -> None:
    """A later text of the same conversation can be restored by one map."""
    async with town(make()) as here:
        first = await here.post("/redact", {"text": f"a {GITHUB}", "map": True})
        later = await here.post("/redact", {"text": f'password = "{PASSWORD}" {GITHUB}', "map": first["map"]})

    assert "<secret:github.personal-access-token:1>" in later["text"]
    assert later["map"] == first["map"] | {"<secret:generic.password:2>": PASSWORD}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/scan", {}),
        ("/scan", {"text": GITHUB, "documents": []}),
        ("/scan", {"text": [GITHUB]}),
        ("/scan", {"documents": [{"text": {GITHUB: 1}}]}),
        ("/redact", {"text": "a", "map": GITHUB}),
        ("/analyze", {"secret_value": {"x": GITHUB}}),
        ("/analyze", {"secret_value": GITHUB, "context": 7}),
        ("/analyze", {"secret_value": GITHUB * 2000}),
        ("/train", {"rows": [{"secret_value": GITHUB, "label": PASSWORD}]}),
        ("/feedback", {"digest": GITHUB, "is_secret": True}),
        ("/ab/enable", {"version": "v1", "share": 2, "duration": GITHUB}),
        ("/versions/create", {"corrections": {GITHUB: 1.0}}),
        ("/restore", {"text": GITHUB, "map": {"": PASSWORD}}),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_without_a_word_of_it(make: Make, path: str, body: Any) -> None:
    """Which field, and what it should be; never what it was."""
    async with town(make()) as here:
        said = await here.post(path, body, 422)

    assert GITHUB not in str(said)
    assert PASSWORD not in str(said)
    assert said["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": "' + b"[" * 1000])
async def test_what_is_not_json_is_refused(make: Make, body: bytes) -> None:
    """And nothing else happens."""
    async with town(make()) as here:
        answer = await here.http.post("/scan", content=body)

    assert answer.status_code in (400, 422)
