"""A judgement repeated from the journal: the same verdict, or what another margin would have made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.daemon.conftest import Town

from fairlead.daemon.replaying import replayed
from fairlead.errors import ReleaseError, UsageError

CANARY = {"release.canary.pace": "20s", "release.canary.warm_up": "4s", "environment.GREETING": "bye"}


@pytest.fixture
async def journal(town: Town) -> Path:
    """Of a town in which `r3` was judged, and promoted."""
    await town.comes_up()
    await town.is_used(30)
    asked = {"file": str(town.file), "service": "notes", "strategy": "canary", "set": CANARY}
    await town.sees(town.releasing.deploy(asked, town.say))
    return town.folder / "journal.db"


async def test_the_same_observations_lead_to_the_same_verdict(town: Town, journal: Path) -> None:
    """To the last digit; beside the daemon that owns the journal."""
    found = replayed(journal, "r3")

    assert found["now"]["verdict"] == found["then"]["verdict"] == "promote"
    assert found["now"]["evidence"] == found["then"]["evidence"]
    assert [row["verdict"] for row in found["timeline"]][-1] == "promote"
    shares = list(dict.fromkeys(row["shares"]["notes"] for row in found["timeline"]))
    assert shares[-1] == 50.0
    assert found["margins"] == {"errors": 2.0, "latency": 2.0, "first_byte": 2.0}


async def test_a_narrower_margin_asks_for_more(town: Town, journal: Path) -> None:
    """What was enough for twice as bad is not enough for a tenth more."""
    found = replayed(journal, "r3", {"errors": 1.1})
    assert (found["now"]["verdict"], found["margins"]["errors"]) == ("hold", 1.1)
    assert found["state"] == "succeeded"


async def test_what_can_not_be_repeated_is_said(town: Town, journal: Path) -> None:
    """With what there is instead."""
    with pytest.raises(ReleaseError, match="r1: was not judged"):
        replayed(journal, "r1")
    with pytest.raises(UsageError, match="there is no release `r9`"):
        replayed(journal, "r9")
    with pytest.raises(UsageError, match="--margin error: this release was not judged by that") as caught:
        replayed(journal, "r3", {"error": 2.0})
    assert caught.value.hint == "did you mean `errors`?"
    with pytest.raises(UsageError, match=r"--margin errors: should be more than 1, got 0\.5"):
        replayed(journal, "r3", {"errors": 0.5})
    with pytest.raises(UsageError, match="there is no release `r3`"):
        replayed(journal.with_name("elsewhere.db"), "r3")
