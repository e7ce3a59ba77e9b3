"""`/train`, `/versions`, `/ab` and `/feedback`: how the judgement gets better, and goes back when it did not."""

from __future__ import annotations

import time
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from fairlead.apps.guard.service.judging.scorers import BUILT_IN, names
from fairlead.apps.guard.service.judging.trials import judged
from fairlead.apps.guard.service.looking import candidate_of
from fairlead.apps.guard.service.routes.asking import Refused, answer, asked
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.storage.rows import MadeVersion
from fairlead.apps.guard.service.words import (
    Began,
    Create,
    Done,
    Enable,
    Feedback,
    Lesson,
    Source,
    State,
    Status,
    Trial,
    Version,
    Versions,
)
from fairlead.kit.quantity import parse_duration
from fairlead.kit.suggest import nearest

LONGEST_TRIAL_S = 90 * 86400.0

_lesson = msgspec.json.Decoder(Lesson)
_create = msgspec.json.Decoder(Create)
_enable = msgspec.json.Decoder(Enable)
_feedback = msgspec.json.Decoder(Feedback)


async def train(service: Service, request: Request) -> Response:
    """The rows are looked at now and let go of; what is kept is a version."""
    lesson = await asked(service, request, _lesson)
    if len({row.label for row in lesson.rows}) < 2:
        hint = "a version that has seen only one of them would say that all are"
        raise Refused(422, "one_sided", "the rows should have secrets and others", hint=hint)
    rows = [
        (
            candidate_of(row.secret_value, row.context, row.variable_name),
            row.label,
            service.engine.digests.of(row.secret_value),
        )
        for row in lesson.rows
    ]
    return answer(Began(await service.bench.train(rows, lesson.note), "training"), 202)


async def versions(service: Service, request: Request) -> Response:
    """All of them; the shipped one last."""
    await service.bench.refresh()
    return answer(_versions(service))


async def create(service: Service, request: Request) -> Response:
    """By hand."""
    said = await asked(service, request, _create)
    for name in said.corrections or {}:
        if name not in names():
            known = nearest(name, names())
            raise Refused(
                422, "unknown_feature", "a name in `corrections` is no feature",
                hint=f"did you mean `{known}`?" if known else f"these are: {', '.join(names())}",
            )  # fmt: skip
    made = await service.bench.create(said.parent, said.threshold, said.corrections, said.note)
    return answer(Began(made, "ready"), 201)


async def activate(service: Service, request: Request) -> Response:
    """From the next question on."""
    await service.bench.activate(request.path_params["id"])
    return answer(_versions(service))


async def roll_back(service: Service, request: Request) -> Response:
    """To what was active before."""
    await service.bench.roll_back()
    return answer(_versions(service))


async def enable(service: Service, request: Request) -> Response:
    """Begin a trial."""
    said = await asked(service, request, _enable)
    try:
        duration_s = parse_duration(said.duration)
    except ValueError:
        raise Refused(422, "wrong_duration", "`duration` should be a time such as `12h` or `7d`") from None
    if not 0 < duration_s <= LONGEST_TRIAL_S:
        raise Refused(422, "wrong_duration", "`duration` should be at most 90d, and more than nothing")
    await service.bench.begin_trial(said.version, said.share, duration_s)
    return answer(await _trial(service), 201)


async def trial(service: Service, request: Request) -> Response:
    """How it goes, up to this moment."""
    await service.sightings.flush()
    await service.bench.refresh()
    return answer(await _trial(service))


async def disable(service: Service, request: Request) -> Response:
    """Back to the control for every value, from the next question on."""
    if not await service.bench.end_trial():
        raise Refused(409, "no_trial", "there is no trial under way")
    return answer(await _trial(service))


async def feedback(service: Service, request: Request) -> Response:
    """Of a value that was judged here."""
    said = await asked(service, request, _feedback)
    if service.sightings.holds(said.digest):
        await service.sightings.flush()
    if not await service.store.known(said.digest):
        raise Refused(404, "unknown_digest", "no value with this digest was judged here")
    await service.store.said(said.digest, said.is_secret)
    return answer(Done("noted"))


async def _trial(service: Service) -> Trial:
    one = service.bench.trial
    if one is None:
        return Trial("none")
    now = time.time()
    control, candidate = await service.store.arms(one)
    over = not one.runs(now)
    outcome, evidence, reasons = judged(control, candidate, over=over)
    status: State = "disabled" if one.disabled else "over" if over else "running"
    ends = one.disabled or one.ends
    return Trial(status, one.name, one.share, one.started, ends, control, candidate, outcome, evidence, reasons)


def _versions(service: Service) -> Versions:
    bench = service.bench
    shipped = Version(
        BUILT_IN, "ready", "built-in", bench.active == BUILT_IN, 0.0, threshold=service.engine.shipped.threshold
    )
    made = [_version(one, active=one.name == bench.active) for one in bench.known.values()]
    return Versions(bench.active, bench.previous, [*made, shipped])


def _version(one: MadeVersion, *, active: bool) -> Version:
    return Version(
        one.name, cast("Status", one.status), cast("Source", one.source), active, one.created, one.parent, one.note,
        one.recipe.threshold, one.metrics, one.why,
    )  # fmt: skip


LEARNING, VERSIONS, TRIALS = "Learning", "Versions", "Trials"
ENDPOINTS = (
    Endpoint(
        "POST", "/feedback", "Say what a value is, by its digest", feedback, LEARNING, Done, Feedback,
        "The last word counts. Trials are judged by it.",
    ),
    Endpoint(
        "POST", "/train", "Train a version on labelled rows", train, LEARNING, Began, Lesson,
        "In the background; `/versions` says how it ended, and what it is worth on rows that it has not seen. It is "
        "never live by itself: activate it, or try it on a share. The rows are not kept.", "admin", 202,
    ),
    Endpoint("GET", "/versions", "All versions of the judgement", versions, VERSIONS, Versions),
    Endpoint(
        "POST", "/versions/create", "Make a version by hand", create, VERSIONS, Began, Create,
        "The parent's (the active one's when left out), with another threshold, or other weights of some features.",
        "admin", 201,
    ),
    Endpoint("POST", "/versions/rollback", "Go back to the version before", roll_back, VERSIONS, Versions, who="admin"),
    Endpoint(
        "POST", "/versions/{id}/activate", "Judge by a version from now on", activate, VERSIONS, Versions, who="admin",
    ),
    Endpoint(
        "POST", "/ab/enable", "Try a version on a share of values", enable, TRIALS, Trial, Enable,
        "A value is judged by the same side as long as the trial lasts. One that runs already is ended.", "admin", 201,
    ),
    Endpoint(
        "GET", "/ab", "How the trial goes, judged by its figures", trial, TRIALS, Trial,
        words="`outcome` is decided by labelled values, at any time and however often it is asked: an e-value of 20 or "
        "more comes by chance in at most one trial of 20.",
    ),
    Endpoint("POST", "/ab/disable", "Take the trial back at once", disable, TRIALS, Trial, who="admin"),
)  # fmt: skip
