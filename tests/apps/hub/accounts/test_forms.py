"""Records that are filled into a form: read back whole, whatever names are in them, and of the window of the moment."""

from __future__ import annotations

from math import inf

import pytest

from fairlead.apps.hub.accounts.entries import Entry, tail
from fairlead.apps.hub.accounts.forms import MOST, form_of
from fairlead.apps.hub.accounts.keys import Account, Models
from fairlead.apps.hub.accounts.limits import rules
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.accounts.spool.records import Begun, Ended, decode
from fairlead.apps.hub.config import Limit

LIMITS = [Limit.model_validate(one) for one in ({"requests": "9/m"}, {"usd": 5}, {"tokens": "90/m", "model": "100%d"})]


def limited(name: str, now: float = 30.0) -> Account:
    """With three limits, one of them for a model with a sign of the form in its name."""
    meters = [Meter(rule, now) for rule in rules("key", name, LIMITS)]
    plain = tuple(one for one in meters if one.rule.model is None)
    return Account(name, "0" * 64, "blue%b", frozenset(), Models(None), inf, plain, {"100%d": tuple(meters)})


@pytest.mark.parametrize("model", ["parrot", "100%d", 'a "%b" \0 \1 ü'])
def test_a_record_says_what_was_filled_in_whatever_the_names_are(model: str) -> None:
    """Also the signs by which the form itself marks its places."""
    account = limited("50%s")
    form = form_of(account, model, 30.0)
    amounts = [7 * (number + 1) for number in range(len(form.slices))]
    counted = {part.counter: amount for part, amount in zip(form.slices, amounts, strict=True)}
    begun = decode(form.begun % (b"run-1", b"30.25", *amounts))
    assert begun == Begun("run-1", 30.25, model, "50%s", "0" * 12, "blue%b", counted)
    ended = decode(form.ended % (b"run-1", tail(Entry("openai", "gpt%d", 200, 30.25, 31.0)), *amounts))
    assert isinstance(ended, Ended)
    assert (ended.row.id, ended.row.key, ended.row.team, ended.row.model) == ("run-1", "50%s", "blue%b", model)
    assert (ended.row.target, ended.spent) == ("gpt%d", counted)


def test_a_form_ends_with_the_first_of_its_windows() -> None:
    """And is one until then."""
    account = limited("alice")
    form = form_of(account, "parrot", 30.0)
    assert form_of(account, "parrot", 59.9) is form
    following = form_of(account, "parrot", 60.0)
    assert following is not form
    assert following.slices[0].ends == 120.0
    assert following.slices[1] is form.slices[1]


def test_forms_are_bounded_though_clients_choose_the_names() -> None:
    """Of models that anybody may name."""
    account = limited("alice")
    for number in range(3 * MOST):
        form_of(account, f"openai/{number}", 30.0)
    assert len(account.forms) <= MOST
