"""The `openai` client: everything that is no conversation."""

from __future__ import annotations

import json

import openai
from tests.apps.hub.sdks.clients.of_openai import checked
from tests.apps.hub.sdks.matrix import PNG, SAID


@checked("embeddings")
def embeddings(client: openai.OpenAI, name: str) -> None:
    """As base64, which the client asks for unasked, and decodes."""
    answer = client.embeddings.create(model=name, input=["a", "b"])
    assert [one.index for one in answer.data] == [0, 1]
    assert all(isinstance(number, float) for one in answer.data for number in one.embedding)
    if name != "echo":
        assert [round(number, 4) for number in answer.data[1].embedding] == [0.6, 0.8]


@checked("images")
def images(client: openai.OpenAI, name: str) -> None:
    """Made."""
    answer = client.images.generate(model=name, prompt="a hall")
    assert answer.data
    assert answer.data[0].b64_json


@checked("images, changed")
def edits(client: openai.OpenAI, name: str) -> None:
    """As a form."""
    answer = client.images.edit(model=name, prompt="a hall", image=("hall.png", PNG.encode(), "image/png"))
    assert answer.data
    assert answer.data[0].b64_json


@checked("speech")
def speech(client: openai.OpenAI, name: str) -> None:
    """Bytes."""
    answer = client.audio.speech.create(model=name, input=SAID, voice="alloy")
    assert answer.content == b"ID3\x04 sound" if name != "echo" else answer.content.startswith(b"RIFF")


@checked("speech, streamed")
def speech_streamed(client: openai.OpenAI, name: str) -> None:
    """Bytes as they come."""
    with client.audio.speech.with_streaming_response.create(model=name, input=SAID, voice="alloy") as answer:
        sound = b"".join(answer.iter_bytes())
    assert sound == b"ID3\x04 sound" if name != "echo" else sound.startswith(b"RIFF")


@checked("transcriptions")
def transcriptions(client: openai.OpenAI, name: str) -> None:
    """Of a file."""
    answer = client.audio.transcriptions.create(model=name, file=("hall.wav", b"sound" * 10, "audio/wav"))
    assert answer.text == ("hall.wav, 50 bytes" if name == "echo" else "hall.wav 50")


@checked("moderations")
def moderations(client: openai.OpenAI, name: str) -> None:
    """A verdict."""
    answer = client.moderations.create(model=name, input=SAID)
    assert not answer.results[0].flagged


@checked("models")
def models(client: openai.OpenAI, name: str) -> None:
    """The hub's own list."""
    assert name in [one.id for one in client.models.list()]
    assert client.models.retrieve(name).id == name


@checked("files")
def files(client: openai.OpenAI, name: str) -> None:
    """Brought, told of, listed, read and deleted; whose they are a header says at first."""
    whose = {"x-fairlead-provider": name}
    made = client.files.create(file=("in.jsonl", b'{"a": 1}'), purpose="batch", extra_headers=whose)
    assert client.files.retrieve(made.id).bytes == 8
    assert made.id in [one.id for one in client.files.list(extra_headers=whose)]
    assert client.files.content(made.id).read() == b'{"a": 1}'
    assert client.files.delete(made.id).deleted


@checked("batches")
def batches(client: openai.OpenAI, name: str) -> None:
    """Begun, told of, listed, ended."""
    whose = {"x-fairlead-provider": name}
    line = {"custom_id": "1", "method": "POST", "url": "/v1/embeddings", "body": {"model": "echo", "input": "a"}}
    made = client.files.create(file=("in.jsonl", json.dumps(line).encode()), purpose="batch", extra_headers=whose)
    batch = client.batches.create(input_file_id=made.id, endpoint="/v1/embeddings", completion_window="24h")
    assert batch.input_file_id == made.id
    assert client.batches.retrieve(batch.id).id == batch.id
    assert batch.id in [one.id for one in client.batches.list(extra_headers=whose)]
    assert client.batches.cancel(batch.id).id == batch.id
    client.files.delete(made.id)
