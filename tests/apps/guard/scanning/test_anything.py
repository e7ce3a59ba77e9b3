"""Whatever a content is made of, a scan ends, and says what it did with it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.apps.guard.library import loaded
from fairlead.apps.guard.scanning.archives import Opener
from fairlead.apps.guard.scanning.content import Looker
from fairlead.apps.guard.scanning.encoded import runs
from fairlead.apps.guard.scanning.found import Harvest, Place, Unlooked, Unscanned
from fairlead.apps.guard.scanning.limits import Budget, Limits
from fairlead.apps.guard.scanning.readers import Peeked
from fairlead.apps.guard.scanning.worker import reader

from .conftest import made_up


def _archives() -> list[bytes]:
    text = f"token: {made_up()}\n".encode() * 20
    made, tar = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", text)
        archive.writestr("b", gzip.compress(text))
    with tarfile.open(fileobj=tar, mode="w") as archive_of_files:
        info = tarfile.TarInfo("n" * 120)
        info.size = len(text)
        archive_of_files.addfile(info, io.BytesIO(text))
    pressed = [press(text) for press in (gzip.compress, bz2.compress, lzma.compress)]
    return [made.getvalue(), tar.getvalue(), *pressed]


ARCHIVES = _archives()
LIMITS = Limits(expanded_bytes=1 << 20, spooled_bytes=1 << 20, directory_bytes=1 << 16, members=50)


def looked_through(content: bytes) -> Harvest:
    """What comes of a content; nothing but `Unlooked` may be raised."""
    harvest = Harvest()
    try:
        Opener(Looker(loaded())).look(Peeked(reader(content)), Place("a"), Budget(LIMITS), harvest)
    except Unlooked as error:
        harvest.unscanned.append(Unscanned("a", str(error)))
    return harvest


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ARCHIVES), st.data())
def test_a_damaged_archive_is_looked_through_or_told(archive: bytes, data: st.DataObject) -> None:
    """Bytes changed anywhere, and the end cut off."""
    content = bytearray(archive[: data.draw(st.integers(1, len(archive)))])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[at] = data.draw(st.integers(0, 255))

    harvest = looked_through(bytes(content))
    assert harvest.files or harvest.unscanned or harvest.skipped or len(content) < 1024


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_looked_through_or_counted(content: bytes) -> None:
    """Of all encodings and of none."""
    harvest = looked_through(content)
    assert harvest.files + harvest.skipped.total() + len(harvest.unscanned) >= 1


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ABCabc0123456789+/=-_%\n \\rn", max_size=400))
def test_whatever_looks_encoded_is_decoded_within_its_bounds(text: str) -> None:
    """In order, each within the text."""
    data = text.encode()
    for run in runs(data):
        assert 0 <= run.start < run.end <= len(data)
