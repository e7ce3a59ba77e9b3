"""Which version judges which value now; what is activated, tried, rolled back and trained."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.service.judging.scorers import BUILT_IN, Recipe, inputs, made
from fairlead.apps.guard.service.judging.training import Labelled, trained, worth
from fairlead.apps.guard.service.judging.trials import of_candidate
from fairlead.apps.guard.service.storage.rows import MadeTrial, MadeVersion
from fairlead.apps.guard.service.storage.store import Store

log = logging.getLogger(__name__)


class UnknownVersion(Exception):
    """There is none of that name."""


class NotReady(Exception):
    """A version that is still trained, or could not be."""


class NothingBefore(Exception):
    """There is nothing to roll back to."""


class Bench:
    """The versions of one service. `refresh` brings in what other processes did."""

    def __init__(self, store: Store, shipped: Scorer, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._shipped = shipped
        self._now = now
        self._scorers: dict[str, Scorer] = {BUILT_IN: shipped}
        self._jobs: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(1, "guard-training")
        self.known: dict[str, MadeVersion] = {}
        self.active = BUILT_IN
        self.previous = ""
        self.trial: MadeTrial | None = None

    async def refresh(self) -> None:
        """What is kept. Raises `StoreAway`; all stays as it was then."""
        versions = await self._store.versions()
        activations = await self._store.activations()
        trial = await self._store.last_trial()
        self.known = {one.name: one for one in versions}
        self.trial = trial
        self.active, self.previous = _standing(activations)
        for one in versions:
            if one.status == "ready" and one.name not in self._scorers:
                self._scorers[one.name] = made(self._shipped, one.recipe)

    def turn(self, digest: str) -> tuple[str, str, Scorer]:
        """Version, trial and scorer for a value."""
        trial = self.trial
        if trial is None or not trial.runs(self._now()):
            return self.active, "", self._scorer(self.active)
        chosen = trial.candidate if of_candidate(trial.name, digest, trial.share) else trial.control
        return chosen, trial.name, self._scorer(chosen)

    def now(self) -> tuple[str, Scorer]:
        """Version and scorer for a whole text: a trial is about single values."""
        return self.active, self._scorer(self.active)

    def _scorer(self, version: str) -> Scorer:
        return self._scorers.get(version, self._shipped)

    async def activate(self, version: str) -> None:
        """This one judges from now on; a trial that runs ends. Raises `UnknownVersion`, `NotReady`, `StoreAway`."""
        self._usable(version)
        await self._store.end_trials()
        await self._store.activate(version)
        await self.refresh()

    async def roll_back(self) -> str:
        """The one before judges again. Raises `NothingBefore`, `StoreAway`."""
        await self.refresh()
        if not self.previous:
            raise NothingBefore
        await self._store.end_trials()
        await self._store.activate(f"<{self.previous}")
        await self.refresh()
        return self.active

    async def create(
        self, parent: str, threshold: float | None, corrections: dict[str, float] | None, note: str
    ) -> str:
        """A version by hand. Raises `UnknownVersion`, `NotReady`, `StoreAway`."""
        parent = parent or self.active
        self._usable(parent)
        before = self.known[parent].recipe if parent in self.known else Recipe(self._shipped.threshold)
        weights = before.weights if corrections is None else {**before.weights, **corrections}
        recipe = Recipe(before.threshold if threshold is None else threshold, weights)
        version = await self._store.make_version("created", "ready", parent, note, recipe)
        await self.refresh()
        return version.name

    async def begin_trial(self, version: str, share: float, duration_s: float) -> None:
        """Raises `UnknownVersion`, `NotReady`, `StoreAway`."""
        self._usable(version)
        if version == self.active:
            raise NotReady(f"{version} is the active version already")
        await self._store.begin_trial(self.active, version, share, duration_s)
        await self.refresh()

    async def end_trial(self) -> bool:
        """Whether one ran. In this process it ends at once, whatever the store says."""
        running = self.trial is not None and self.trial.runs(self._now())
        if self.trial is not None and running:
            last = self.trial
            self.trial = MadeTrial(
                last.number, last.control, last.candidate, last.share, last.started, last.ends, self._now()
            )
        await self._store.end_trials()
        await self.refresh()
        return running

    async def train(self, rows: Sequence[tuple[Candidate, bool, str]], note: str) -> str:
        """Begin to train a version in the background; its name. Raises `StoreAway`."""
        version = await self._store.make_version("trained", "training", BUILT_IN, note, Recipe())
        await self.refresh()
        job = asyncio.get_running_loop().create_task(self._train(version.number, rows))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return version.name

    async def _train(self, number: int, rows: Sequence[tuple[Candidate, bool, str]]) -> None:
        loop = asyncio.get_running_loop()
        try:
            recipe, metrics = await loop.run_in_executor(self._thread, lambda: _fitted(self._shipped, rows))
        except Exception as error:
            log.error("version v%d could not be trained: %s", number, type(error).__name__)
            await self._store.settle_version(number, "failed", Recipe(), {}, type(error).__name__)
        else:
            await self._store.settle_version(number, "ready", recipe, metrics)
            log.info("version v%d is trained", number, extra={"rows": len(rows)})
        await self.refresh()

    async def end(self) -> None:
        """Training under way is given up."""
        for job in list(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _usable(self, version: str) -> None:
        if version == BUILT_IN:
            return
        if version not in self.known:
            raise UnknownVersion(version)
        if self.known[version].status != "ready":
            raise NotReady(f"{version} is {self.known[version].status}")


def _fitted(shipped: Scorer, rows: Sequence[tuple[Candidate, bool, str]]) -> tuple[Recipe, dict[str, float]]:
    labelled = [Labelled(inputs(shipped, candidate), label, group) for candidate, label, group in rows]
    known = shipped.information
    return trained(labelled, shipped.threshold, known), worth(labelled, shipped.threshold, known)


def _standing(activations: Sequence[str]) -> tuple[str, str]:
    """The active version and the one before it, from the last activations (the last first).

    `<v3` stands for a roll-back to v3: what was active before it is behind us, and rolling back again goes further.
    """
    path = [BUILT_IN]
    for one in reversed(activations):
        if not one.startswith("<"):
            path.append(one)
        elif len(path) > 1:
            path.pop()
    return path[-1], path[-2] if len(path) > 1 else ""
