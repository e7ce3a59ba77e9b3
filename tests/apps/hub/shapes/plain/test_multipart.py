"""Uploads: what SDKs send is read, what could be read in two ways is refused."""

from __future__ import annotations

import contextlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes import multipart

FORM = (
    b"--x7\r\n"
    b'Content-Disposition: form-data; name="model"\r\n\r\n'
    b"whisper-1\r\n"
    b"--x7\r\n"
    b'Content-Disposition: form-data; name="file"; filename="town %22hall%22.wav"\r\n'
    b"Content-Type: audio/wav\r\n\r\n"
    b"RIFF\r\n--x\r\n\r\n"
    b"--x7--\r\n"
)


def _read(body: bytes) -> list[multipart.Part]:
    return multipart.parts(body, multipart.boundary_in(body))


def test_fields_and_files_are_read() -> None:
    """A value may hold line ends and what looks like a boundary; the name of a file is unquoted."""
    fields, files = multipart.taken(FORM, _read(FORM))
    assert fields == {"model": "whisper-1"}
    assert files == [("file", 'town "hall".wav', "audio/wav", b"RIFF\r\n--x\r\n")]


def test_one_field_is_replaced_and_the_rest_is_untouched() -> None:
    """Byte by byte, since a sound of 25 MB is not to be written again."""
    assert multipart.replaced(FORM, "model", "large-v3") == FORM.replace(b"whisper-1", b"large-v3")


def test_a_field_that_is_missing_is_put_in() -> None:
    """Before the others."""
    body = multipart.replaced(FORM.replace(b'"model"', b'"prompt"'), "model", "m")
    assert multipart.single(body, _read(body), "model") == "m"
    assert multipart.single(body, _read(body), "prompt") == "whisper-1"


def test_what_httpx_writes_is_read() -> None:
    """The client of the official SDKs, with repeated fields as they write lists."""
    request = httpx.Request(
        "POST",
        "http://hub",
        data={"model": "m", "timestamp_granularities[]": ["word", "segment"]},
        files={"file": ("a.mp3", b"\0\r\n\xff", "audio/mpeg")},
    )
    body = request.read()
    boundary = multipart.boundary_of(request.headers["content-type"].encode())
    fields, files = multipart.taken(body, multipart.parts(body, boundary))
    assert fields == {"model": "m", "timestamp_granularities[]": ["word", "segment"]}
    assert files == [("file", "a.mp3", "audio/mpeg", b"\0\r\n\xff")]


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters='%\r\n"\0'), min_size=1), st.text()),
    st.binary(),
)
def test_what_is_written_is_read_again(fields: dict[str, str], data: bytes) -> None:
    """Any names and values."""
    fields = {name: value for name, value in fields.items() if not name.endswith("[]")}
    kind, body = multipart.written(fields, [("file", "a", "x/y", data)], b"5e3d9c1b7f")
    found = multipart.parts(body, multipart.boundary_of(kind.encode()))
    assert multipart.taken(body, found) == (fields, [("file", "a", "x/y", data)])


BROKEN = {
    "no end": FORM[:-10],
    "bytes before the boundary": b"hello\r\n" + FORM,
    "bytes after the end": FORM + b"--x7\r\n",
    "line ends without CR": FORM.replace(b"\r\n", b"\n"),
    "no name": FORM.replace(b'; name="model"', b""),
    "two names": FORM.replace(b'name="model"', b'name="model"; name="prompt"'),
    "another name for the file": FORM.replace(b"filename=", b"filename*="),
    "an encoding of its own": FORM.replace(b"Content-Type", b"Content-Transfer-Encoding"),
    "a header twice": FORM.replace(b"Content-Type: audio/wav", b"Content-Type: a/b\r\nContent-Type: c/d"),
    "a folded header": FORM.replace(b"; filename", b";\r\n filename"),
    "a value that begins with the boundary": FORM.replace(b"\r\n\r\nwhisper-1\r\n--x7", b"\r\n\r\n--x7", 1),
    "a longer boundary": FORM.replace(b'--x7\r\nContent-Disposition: form-data; name="file"', b"--x77\r\nA: b"),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_could_be_read_in_two_ways_is_refused(body: bytes) -> None:
    """Never guessed: the provider might guess otherwise."""
    with pytest.raises(Unsayable):
        _read(body)


@pytest.mark.parametrize(
    "kind",
    [b"multipart/form-data", b"multipart/form-data; boundary=", b"multipart/form-data; boundary=a; boundary=b", b"a/b"],
)
def test_a_content_type_without_one_boundary_is_refused(kind: bytes) -> None:
    """None, an empty one, two."""
    with pytest.raises(Unsayable):
        multipart.boundary_of(kind)


def test_a_model_named_twice_is_refused() -> None:
    """What the hub checks and what the provider takes has to be the same one."""
    twice = FORM.replace(b'name="file"; filename="town %22hall%22.wav"', b'name="model"')
    with pytest.raises(Unsayable, match="once"):
        multipart.single(twice, _read(twice), "model")
    with pytest.raises(Unsayable, match="once"):
        multipart.replaced(twice, "model", "m")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No other error ever comes of them."""
    with contextlib.suppress(Unsayable):
        multipart.taken(b"--b\r\n" + body, multipart.parts(b"--b\r\n" + body, b"b"))
