"""Operations of OpenAI's that are no conversation: what is asked, what is passed on, what it costs."""

from __future__ import annotations

import json

import pytest

from fairlead.apps.hub.calls import Chat, Delta, Failure, Plain, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Headers, Place
from fairlead.apps.hub.shapes.openai_plain import owners
from fairlead.apps.hub.shapes.openai_plain.listing import read_models, write_models
from fairlead.apps.hub.shapes.openai_plain.usage import asked_for

SHAPE = SHAPES.get("openai_plain")
JSON: Headers = {b"content-type": b"application/json"}
FORM: Headers = {b"content-type": b"multipart/form-data; boundary=x7"}
SOUND = (
    b'--x7\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
    b'--x7\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n--x7--\r\n'
)


def place(path: str, method: str = "POST") -> Place:
    """The place of a path pattern."""
    return next(one for one in SHAPE.places if (one.method, one.path) == (method, path))


def plain(path: str, body: bytes, headers: Headers = JSON) -> Plain:
    """A call read."""
    call = SHAPE.read_call(place(path), path.encode(), headers, body)
    assert isinstance(call, Plain)
    return call


def test_model_and_user_are_found_in_json() -> None:
    """All that the hub needs of an embedding."""
    asked = SHAPE.glance(place("/v1/embeddings"), b"", JSON, b'{"model":"e-3","input":["a"],"user":"u"}')
    assert (asked.operation, asked.model, asked.user, asked.stream) == ("embedding", "e-3", "u", False)


def test_the_model_is_found_in_a_form_and_replaced_there() -> None:
    """The sound is not touched."""
    where = place("/v1/audio/transcriptions")
    assert SHAPE.glance(where, b"", FORM, SOUND).model == "whisper-1"
    assert SHAPE.renamed(where, SOUND, "large-v3") == SOUND.replace(b"whisper-1", b"large-v3")


def test_speech_is_a_stream_when_it_is_asked_for_in_events() -> None:
    """By a word of its own."""
    body = b'{"model":"tts-1","input":"hello","voice":"alloy"%b}'
    where = place("/v1/audio/speech")
    assert not SHAPE.glance(where, b"", JSON, body % b"").stream
    assert SHAPE.glance(where, b"", JSON, body % b',"stream_format":"sse"').stream


def test_a_stream_begins_with_its_first_event() -> None:
    """It is only passed on: half an event tells nothing, and an error in it is one."""
    reader = SHAPE.reader(Chat("m", ()))
    assert not reader.feed(b'data: {"type":"image_generation.partial_image"')
    (delta,) = reader.feed(b"}\n\n")
    assert isinstance(delta, Delta)
    assert delta.text
    (failure,) = reader.feed(b'data: {"type":"error","error":{"message":"full","code":"server_overloaded"}}\n\n')
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.message) == ("overloaded", "full")


def test_a_stream_that_breaks_ends_with_an_event_that_says_so() -> None:
    """As OpenAI writes it."""
    end = SHAPE.writer(Chat("m", ())).fail(Failure("timeout", "too late", 504))
    assert end.startswith(b"event: error\ndata: {")
    assert json.loads(end.partition(b"data: ")[2])["error"]["message"] == "too late"


def test_where_no_model_is_named_openais_default_is_meant() -> None:
    """And where OpenAI has none it is an error."""
    assert SHAPE.glance(place("/v1/moderations"), b"", JSON, b'{"input":"x"}').model == "omni-moderation-latest"
    with pytest.raises(Unsayable, match="model is missing"):
        SHAPE.glance(place("/v1/embeddings"), b"", JSON, b'{"input":"x"}')


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model":7}', b"{", b'{"model":"m","model":', b"\xff"])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    """With a reason, before anybody is asked."""
    with pytest.raises(Unsayable):
        SHAPE.glance(place("/v1/embeddings"), b"", JSON, body)


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/images/generations", "/v1/audio/speech", "/v1/moderations"])
def test_a_call_goes_out_as_it_came_in(path: str) -> None:
    """Every field, to the same place."""
    body = {"model": "m", "input": "x", "prompt": "y", "n": 2, "vendor_field": {"a": [1]}}
    sent = SHAPE.write_call(plain(path, json.dumps(body).encode()))
    assert (sent.path, json.loads(sent.body)) == (path, body)


def test_a_form_goes_out_with_its_files() -> None:
    """Under a boundary that nobody can guess."""
    call = plain("/v1/audio/translations", SOUND, FORM)
    sent = SHAPE.write_call(call)
    again = SHAPE.read_call(
        place("/v1/audio/translations"),
        b"/v1/audio/translations",
        {b"content-type": sent.headers["content-type"].encode()},
        sent.body,
    )
    assert again == call


def test_an_answer_that_is_no_json_is_kept_as_it_is() -> None:
    """Sounds and subtitles."""
    call = plain("/v1/audio/transcriptions", SOUND, FORM)
    reply = SHAPE.read_reply(call, {b"content-type": b"text/vtt"}, b"WEBVTT\n")
    assert SHAPE.write_reply(call, reply) == b"WEBVTT\n"


USAGES = {
    "embedding": (b'{"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}', Usage(input=8)),
    "embedding, total only": (b'{"data":[],"usage":{"total_tokens":6}}', Usage(input=6)),
    "image": (
        (
            b'{"created":1713833628,"data":[{"b64_json":"..."}],"usage":{"total_tokens":100,"input_tokens":50,'
            b'"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}'
        ),
        Usage(input=50, output=50, image_input=40, image_output=50),
    ),
    "image, none told": (
        b'{"created":1589478378,"data":[{"url":"https://..."},{"url":"https://..."}]}',
        Usage(units={"images": 2.0}),
    ),
    "image, last event": (
        (
            b'event: image_generation.completed\ndata: {"type":"image_generation.completed","b64_json":"...","usage":'
            b'{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,'
            b'"image_tokens":40}}}\n\n'
        ),
        Usage(input=50, output=50, image_input=40, image_output=50),
    ),
    "transcription, tokens": (
        (
            b'{"text":"Imagine","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,'
            b'"audio_tokens":14},"output_tokens":45,"total_tokens":59}}'
        ),
        Usage(input=14, output=45, audio_input=14),
    ),
    "transcription, duration": (b'{"text":"x","usage":{"type":"duration","seconds":9}}', Usage(units={"seconds": 9.0})),
    "transcription, verbose": (
        b'{"task":"transcribe","language":"english","duration":8.470000267028809,"text":"The beach","segments":[]}',
        Usage(units={"seconds": 8.470000267028809}),
    ),
    "speech, last event": (
        b'data: {"type":"speech.audio.done","usage":{"input_tokens":14,"output_tokens":101,"total_tokens":115}}\n\n',
        Usage(input=14, output=101, audio_output=101),
    ),
    "moderation": (b'{"id":"modr-970d","model":"omni-moderation-latest","results":[]}', None),
}
"""Answers as OpenAI's reference shows them (and Jina's, for the total only)."""


@pytest.mark.parametrize("case", USAGES)
def test_usage_is_read_as_the_reference_shows_it(case: str) -> None:
    """Tokens by kind, images, seconds."""
    body, usage = USAGES[case]
    operation = next(one.operation for one in SHAPE.places if one.operation == case.partition(",")[0])
    assert SHAPE.usage(operation, body) == usage


def test_speech_is_counted_by_what_was_asked() -> None:
    """No answer tells it."""
    call = plain("/v1/audio/speech", b'{"model":"tts-1","input":"hello","voice":"alloy"}')
    usage = asked_for(call)
    assert usage is not None
    assert (usage.units, usage.input, usage.output, usage.estimated) == ({"characters": 5.0}, 2, 7, True)


IMAGES: dict[str, tuple[str, int]] = {
    "nothing said": ("{}", 6240),
    "low and square": ('{"size":"1024x1024","quality":"low"}', 272),
    "medium and wide": ('{"size":"1536x1024","quality":"medium"}', 1584),
    "several, in part": ('{"n":3,"size":"1024x1024","quality":"high","partial_images":2}', 3 * (4160 + 200)),
    "no number": ('{"n":"many","size":[1],"quality":null}', 6240),
}


@pytest.mark.parametrize("case", IMAGES)
def test_images_may_have_as_many_tokens_as(case: str) -> None:
    """https://platform.openai.com/docs/guides/image-generation, cost and latency."""
    said, tokens = IMAGES[case]
    where, body = place("/v1/images/generations"), json.dumps({"model": "m", "prompt": "hall"} | json.loads(said))
    assert SHAPE.glance(where, b"", JSON, body.encode()).most_output == tokens


OWNERS = {
    "a header": (b"/v1/files", {owners.PROVIDER: b"openai"}, b"", "openai"),
    "the id in the path": (b"/v1/files/openai.file-1/content", {}, b"", "openai"),
    "where a list goes on": (b"/v1/batches?limit=2&after=azure.batch_1", {}, b"", "azure"),
    "the id in the body": (b"/v1/batches", JSON, b'{"input_file_id":"groq.file-1"}', "groq"),
    "nothing": (b"/v1/files/file-1", {}, b"", ""),
    "not what a file holds": (b"/v1/files", FORM, b'--x7 {"input_file_id":"groq.file-1"}', ""),
}


@pytest.mark.parametrize("case", OWNERS)
def test_the_provider_of_a_file_is_said_by(case: str) -> None:
    """A header, or the mark in an id."""
    path, headers, body, owner = OWNERS[case]
    assert owners.owner(path, headers, body) == owner


def test_files_and_batches_are_asked_of_their_provider() -> None:
    """As a model of it, so that they find their way like any other call."""
    asked = SHAPE.glance(place("/v1/files/{id}", "GET"), b"/v1/files/openai.file-1", {}, b"")
    assert (asked.operation, asked.model) == ("files", "openai/files")


def test_the_provider_gets_its_own_ids() -> None:
    """In path, query and body; what the client wrote elsewhere stays."""
    assert owners.unmarked_path("/v1/files/openai.file-1/content") == "/v1/files/file-1/content"
    assert owners.unmarked_path("/v1/batches?after=openai.batch_1&limit=2") == "/v1/batches?after=batch_1&limit=2"
    body = b'{"input_file_id":"openai.file-1","metadata":{"id":"a.b"}}'
    assert json.loads(owners.unmarked(body)) == {"input_file_id": "file-1", "metadata": {"id": "a.b"}}
    assert owners.unmarked(SOUND) == SOUND


def test_the_client_gets_ids_that_say_whose_they_are() -> None:
    """In single answers and in lists, and never in the content of a file."""
    batch = b'{"id":"batch_1","object":"batch","input_file_id":"file-1","output_file_id":null,"status":"validating"}'
    listed = b'{"object":"list","data":[%b],"first_id":"batch_1"}' % batch
    assert json.loads(owners.marked("openai", batch))["id"] == "openai.batch_1"
    told = json.loads(owners.marked("openai", listed))
    assert (told["first_id"], told["data"][0]["input_file_id"]) == ("openai.batch_1", "openai.file-1")
    content = b'{"id":"batch_req_1","custom_id":"one","response":{"status_code":200}}'
    assert owners.marked("openai", content) == content


LISTS = {
    "openai": b'{"object":"list","data":[{"id":"a","object":"model"},{"id":"b","object":"model"}]}',
    "anthropic": b'{"data":[{"type":"model","id":"a"},{"type":"model","id":"b"}],"has_more":false}',
    "gemini": b'{"models":[{"name":"models/a"},{"name":"models/b"}]}',
    "cohere": b'{"models":[{"name":"a","endpoints":["chat"]},{"name":"b"}]}',
    "together": b'[{"id":"a"},{"id":"b"}]',
}


@pytest.mark.parametrize("vendor", LISTS)
def test_every_providers_list_of_models_is_read(vendor: str) -> None:
    """In its own form."""
    assert read_models(LISTS[vendor]) == ("a", "b")


def test_the_hubs_list_is_read_by_every_client() -> None:
    """OpenAI's fields and Anthropic's are in one object."""
    told = json.loads(write_models(["fast", "openai/gpt-5"], ["hub", "openai"], 1_700_000_000))
    first = told["data"][0]
    assert (told["object"], told["has_more"], told["last_id"]) == ("list", False, "openai/gpt-5")
    assert (first["object"], first["type"], first["created_at"]) == ("model", "model", "2023-11-14T22:13:20Z")
