"""Versions over HTTP: trained, tried beside one another, activated and taken back."""

from __future__ import annotations

import random
from typing import Any

from tests.apps.guard.service.services import GITHUB, PASSWORD, Make, Town, town, until

WORDS = ["amber", "birch", "cedar", "delta", "ember", "flint", "grove", "hazel", "iris", "jade"]


def phrases(count: int, seed: int) -> list[str]:
    """What nobody takes for a secret before it was said."""
    lot = random.Random(seed)
    return ["-".join(lot.sample(WORDS, 4)) + f"-{lot.randrange(10, 99)}" for _ in range(count)]


async def taught(here: Town) -> str:
    """A version that knows our phrases."""
    rows: list[Any] = [{"secret_value": one, "variable_name": "door", "label": True} for one in phrases(80, 1)]
    rows += [{"secret_value": f"{a}-{b}", "variable_name": "colour", "label": False} for a in WORDS for b in WORDS]
    began = await here.post("/train", {"rows": rows, "note": "doors"}, 202)
    assert began["status"] == "training"

    async def is_ready() -> bool:
        return bool((await version(here, began["version"]))["status"] != "training")

    await until(is_ready)
    return str(began["version"])


async def version(here: Town, name: str) -> Any:
    """As it is told."""
    said = await here.get("/versions")
    return next(one for one in said["versions"] if one["id"] == name)


async def test_a_trained_version_is_not_live_until_it_is_activated_and_can_be_taken_back(make: Make) -> None:
    """And the same after a restart."""
    settings, phrase = make(), phrases(1, 99)[0]
    async with town(settings) as here:
        assert (await here.analyze(phrase, "door"))["secret_type"] == "none"
        name = await taught(here)
        made = await version(here, name)
        assert (made["status"], made["active"], made["source"], made["note"]) == ("ready", False, "trained", "doors")
        assert made["metrics"]["log_loss_after"] < made["metrics"]["log_loss_before"]
        assert (await here.analyze(phrase, "door"))["model_version"] == "built-in"

        await here.post(f"/versions/{name}/activate")
        said = await here.analyze(phrase, "door")
        assert (said["secret_type"], said["model_version"]) == ("generic.key", name)
    async with town(settings) as here:
        assert (await here.analyze(phrase, "door"))["model_version"] == name
        back = await here.post("/versions/rollback")
        assert (back["active"], back["previous"]) == ("built-in", "")
        assert (await here.analyze(phrase, "door"))["secret_type"] == "none"
        refused = await here.post("/versions/rollback", status=409)
        assert refused["error"]["code"] == "nothing_before"


async def test_a_version_by_hand_has_another_threshold(make: Make) -> None:
    """Texts are judged by it too."""
    async with town(make()) as here:
        made = await here.post("/versions/create", {"threshold": 0.999, "note": "strict"}, 201)
        assert len((await here.post("/scan", {"text": f'password = "{PASSWORD}"'}))["findings"]) == 1
        await here.post(f"/versions/{made['version']}/activate")
        scanned = await here.post("/scan", {"text": f'password = "{PASSWORD}" {GITHUB}'})
        assert [one["rule"] for one in scanned["findings"]] == ["github.personal-access-token"]
        unknown = await here.post("/versions/v77/activate", status=404)
        wrong = await here.post("/versions/create", {"corrections": {"randm": 1.0}}, 422)

    assert unknown["error"]["code"] == "unknown_version"
    assert wrong["error"]["hint"] == "did you mean `random`?"


async def test_one_sided_rows_are_refused(make: Make) -> None:
    """What has seen secrets only would see them everywhere."""
    async with town(make()) as here:
        said = await here.post("/train", {"rows": [{"secret_value": GITHUB, "label": True}]}, 422)
    assert said["error"]["code"] == "one_sided"


async def test_a_trial_is_decided_by_feedback_and_taken_back_at_once(make: Make) -> None:
    """The candidate knows what the control does not: labels say so."""
    async with town(make()) as here:
        name = await taught(here)
        begun = await here.post("/ab/enable", {"version": name, "share": 0.5, "duration": "1h"}, 201)
        assert (begun["status"], begun["outcome"]) == ("running", "undecided")
        judged = [await here.analyze(one, "door") for one in phrases(60, 42)]
        for one in judged:
            await here.post("/feedback", {"digest": one["digest"], "is_secret": True})
        said = await here.get("/ab")
        await here.post("/ab/disable")
        after = [await here.analyze(one, "door") for one in phrases(60, 42)]
        again = await here.post("/ab/disable", status=409)
        last = await here.get("/ab")

    sides = [one["model_version"] for one in judged]
    assert 15 < sides.count(name) < 45
    assert said["candidate"]["values"] == said["candidate"]["labelled"] == sides.count(name)
    assert said["candidate"]["wrong"] == 0
    assert said["control"]["wrong"] == sides.count("built-in")
    assert (said["outcome"], said["evidence"]["wrong"] >= 20) == ("better", True)
    assert {one["model_version"] for one in after} == {"built-in"}
    assert again["error"]["code"] == "no_trial"
    assert (last["status"], last["outcome"]) == ("disabled", "better")


async def test_feedback_on_what_was_never_judged_is_refused(make: Make) -> None:
    """It would count for nothing."""
    async with town(make()) as here:
        said = await here.post("/feedback", {"digest": "0" * 32, "is_secret": True}, 404)
        judged = await here.analyze("hello", "greeting")
        noted = await here.post("/feedback", {"digest": judged["digest"], "is_secret": False})
        figures = await here.get("/stats")

    assert said["error"]["code"] == "unknown_digest"
    assert noted == {"status": "noted"}
    assert figures["feedback"] == {"secret": 0, "not_secret": 1}
