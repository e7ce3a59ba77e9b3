"""Training: what rows can teach, and what they can't."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.learned import shipped
from fairlead.apps.guard.service.judging.scorers import BIAS, ODDS, Recipe, inputs, logistic, made
from fairlead.apps.guard.service.judging.training import ELSE, PRIOR, SPREAD, Labelled, probability, trained, worth
from fairlead.apps.guard.service.looking import Engine


def drawn(count: int, weights: dict[str, float], seed: int = 1) -> list[Labelled]:
    """Rows of a world in which these weights are true."""
    lot = random.Random(seed)
    rows = []
    for at in range(count):
        said = {BIAS: 1.0, ODDS: lot.gauss(0, 2), "a": float(lot.random() < 0.5), "b": lot.random()}
        rows.append(Labelled(said, lot.random() < probability(weights, said), str(at)))
    return rows


def test_the_weights_of_a_world_are_found_again() -> None:
    """From its rows alone."""
    truth = {BIAS: -1.0, ODDS: 0.7, "a": 2.0, "b": -1.5}
    found = trained(drawn(8000, truth)).weights
    assert found == pytest.approx(truth, abs=0.25)


def test_the_slope_is_nothing_where_training_ends() -> None:
    """It is the optimum of the log posterior, by finite differences."""
    rows = drawn(300, {BIAS: 0.5, ODDS: 1.2, "a": -1.0})
    found = trained(rows).weights

    def loss(weights: dict[str, float]) -> float:
        prior = sum(
            (weights.get(name, 0) - PRIOR.get(name, 0)) ** 2 / (2 * SPREAD.get(name, ELSE) ** 2)
            for name in (BIAS, ODDS, "a", "b")
        )
        fit = -sum(math.log(p if row.label else 1 - p) for row in rows for p in [probability(weights, row.inputs)])
        return prior + fit

    for name in found:
        up, down = found | {name: found[name] + 1e-3}, found | {name: found[name] - 1e-3}
        assert loss(found) < min(loss(up), loss(down))


def test_few_rows_move_little_and_many_move_far() -> None:
    """A handful of labels does not turn the judgement over."""
    rows = drawn(4000, {BIAS: -3.0, ODDS: 1.0})
    few, many = trained(rows[:2]).weights, trained(rows).weights
    assert abs(few.get(BIAS, 0.0)) < abs(many[BIAS]) / 2
    assert many[BIAS] == pytest.approx(-3.0, abs=0.4)


def test_what_the_shipped_data_says_of_a_weight_holds_it_back() -> None:
    """A team's rows are weighed against the rows that it was trained on, and move what those say nothing of."""
    rows = drawn(100, {BIAS: 0.0, ODDS: 1.0, "a": 3.0, "b": 0.0})
    free, held = trained(rows).weights, trained(rows, known={"a": 0.2}).weights
    assert 0 < held["a"] < free["a"] / 2


def test_a_version_keeps_no_word_of_names_or_values() -> None:
    """Only numbers that many words share: a version may be handed on."""
    shipped_names = inputs(shipped(), Candidate("amber-birch-41", "door_token", "door_token = ", ""))
    assert not any(word in name for name in shipped_names for word in ("door", "amber", "birch"))


def test_what_it_is_worth_is_told_on_rows_it_has_not_seen() -> None:
    """Better where there is something to learn; not better where labels are lots."""
    learnable = worth(drawn(600, {BIAS: -3.0, ODDS: 1.0, "a": 2.0}))
    assert learnable["log_loss_after"] < learnable["log_loss_before"] - 0.1
    lots = worth(drawn(600, {}))
    assert lots["log_loss_after"] > math.log(2) - 0.05


def test_a_team_teaches_what_its_own_tokens_look_like(engine: Callable[[], Engine]) -> None:
    """Most are taken for names at first; after training all are secrets, and names of another kind are none."""
    shipped = engine().shipped
    lot = random.Random(3)

    def row(value: str, variable: str) -> Candidate:
        return Candidate(value, variable, f"{variable} = ", "")

    words = ["amber", "birch", "cedar", "delta", "ember", "flint", "grove", "hazel"]
    ours = ["-".join(lot.sample(words, 3)) + f"-{lot.randrange(10, 99)}" for _ in range(120)]
    others = [f"{lot.choice(words)}-{lot.choice(words)}" for _ in range(120)]
    rows = [(row(one, "door_token"), True) for one in ours[:100]] + [
        (row(one, "colour"), False) for one in others[:100]
    ]
    recipe = trained([Labelled(inputs(shipped, one), label, one.value) for one, label in rows])
    scorer = made(shipped, recipe)

    before = sum(shipped.score(row(one, "door_token")) >= 0.5 for one in ours[100:])
    after = sum(scorer.score(row(one, "door_token")) >= 0.5 for one in ours[100:])
    wrong = sum(scorer.score(row(one, "colour")) >= 0.5 for one in others[100:])
    assert before < 15
    assert (after, wrong) == (20, 0)
    assert scorer.reasons(row(ours[0], "door_token"))


def test_a_recipe_that_corrects_nothing_is_the_shipped_scorer(engine: Callable[[], Engine]) -> None:
    """It costs nothing, and says the same."""
    shipped = engine().shipped
    one = Candidate("Summer2024!xK", "password", "password = ", "")
    assert made(shipped, Recipe(shipped.threshold)) is shipped
    other = made(shipped, Recipe(0.9, {ODDS: 1.0}))
    assert other.score(one) == pytest.approx(shipped.score(one), abs=1e-6)
    assert logistic(-800) == 0.0
