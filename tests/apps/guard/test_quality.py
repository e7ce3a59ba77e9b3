"""The guard reaches its bars on files that none of its rules was written on: a lean form of `bench.guard.quality`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from bench.guard.quality import judging
from bench.guard.quality.corpus import Document, documents
from bench.guard.quality.judging import Share
from bench.guard.quality.seeing import analyzed, scanned

SEED = 20


@pytest.fixture(scope="module")
def corpus() -> Sequence[Document]:
    """One document of each sort, more of passwords."""
    return list(documents(SEED, 1))


def test_the_corpus_is_the_same_for_the_same_seed_and_another_for_another(corpus: Sequence[Document]) -> None:
    """Its values are where it says, and no two sorts are called the same."""
    assert list(documents(SEED, 1)) == corpus
    assert [one.value for one in documents(SEED + 1, 1)] != [one.value for one in corpus]
    assert all(one.text[one.start : one.end] for one in corpus)
    assert len({one.path for one in corpus}) == len(corpus) > 300


def test_the_scanner_tells_secrets_from_what_looks_like_them(corpus: Sequence[Document], tmp_path: Path) -> None:
    """Precision, recall and false alarms, in all and of passwords."""
    found = judging.quality(scanned(corpus, tmp_path))
    assert not judging.missed(found), found


async def test_a_service_tells_them_too(corpus: Sequence[Document], tmp_path: Path) -> None:
    """With the text around them, as a hook or an editor would ask."""
    found = judging.quality(await analyzed(corpus, tmp_path, context=True))
    assert not judging.missed(found), found


def test_intervals_are_those_of_wilson() -> None:
    """By his formula: of 10 in 10 the lower end is 1 / (1 + z² / 10)."""
    low, high = Share(10, 10).interval
    assert low == pytest.approx(10 / (10 + judging.Z**2))
    assert high == pytest.approx(1.0)
    assert Share(0, 0).interval == (0.0, 1.0)
