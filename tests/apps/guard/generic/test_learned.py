"""The trained scorer: what its file holds, how it is read, and what it says."""

from __future__ import annotations

import msgspec
import pytest

from fairlead.apps.guard.generic.candidates import PAIR, Candidate, candidate
from fairlead.apps.guard.generic.learned import SHIPPED, Calibration, Learned, Model, shipped
from fairlead.apps.guard.generic.letters import Letters, learned
from fairlead.apps.guard.generic.measures import NAMES, measured
from fairlead.apps.guard.generic.reasons import said
from fairlead.apps.guard.generic.trees import Forest, Tree

PASSWORD = "Winter" + "2031!kx"
KEY = "q8Zk2Xv7Lw0" + "Rt5Bn9Yc3Hd6Jf1"


def of(value: str, variable: str) -> Candidate:
    """As it is asked about without a line."""
    return Candidate(value, variable, f"{variable} = " if variable else "", "")


def scored(before: str, value: str) -> float:
    """As a scan sees it behind a line's beginning."""
    data = (before + value).encode()
    start = len(before.encode())
    return shipped().score(candidate(data, start, len(data), value, max(0, start - PAIR)))


@pytest.mark.parametrize(
    "name", ["password", "db_pass", "pwd", "PGPASSWORD", "spring.datasource.password", "motDePasse", "senha", "ftpPass"]
)
def test_a_password_of_words_and_figures_is_one_under_any_name_of_passwords(name: str) -> None:
    """People choose them so."""
    assert shipped().score(of(PASSWORD, name)) > 0.8


@pytest.mark.parametrize("name", ["secret_key_base", "api_key", "AUTH_TOKEN", "clientSecret", "signing-key"])
def test_a_random_key_is_one_under_the_name_of_a_key_and_none_under_that_of_an_id(name: str) -> None:
    """The same value: what it is called decides."""
    assert shipped().score(of(KEY, name)) > 0.8
    assert shipped().score(of("3f786850e387550fdab8" + "36ed7e6dc881de23001b", "commit")) < 0.2


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("the password is ", "required"),
        ("the token will be ", "refreshed"),
        ("your password has been ", "changed."),
        ('password = "', "${DB_PASSWORD}"),
        ("password = ", "get_password(user)"),
        ('placeholder="', "your-password-here"),
        ("token_url: ", "https://example.com/oauth/token"),
        ('password_hash = "', "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"),
        ('"model": "', "gpt-4o-mini-2024-07-18"),
        ("    image: ", "registry.example.com/app:1.27.3-alpine"),
    ],
)
def test_what_stands_where_a_secret_could_is_told_from_one(before: str, value: str) -> None:
    """Words of a sentence, templates, calls, stand-ins, URLs, digests, names with versions."""
    assert scored(before, value) < 0.5


@pytest.mark.parametrize(
    "before",
    [
        "env:\n  - name: DB_PASSWORD\n    value: ",
        '- Key: DB_PASSWORD\n  Value: "',
        '{"name": "DB_PASSWORD", "value": "',
        '{\n  "key": "DB_PASSWORD",\n  "value": "',
        '<property name="DB_PASSWORD"\n          value="',
        '<entry key="DB_PASSWORD">',
        'variable "DB_PASSWORD" {\n  type = string\n  default = "',
        "the DB_PASSWORD for staging is ",
    ],
)
def test_a_value_belongs_to_the_name_of_its_pair(before: str) -> None:
    """On the line before, in another attribute, some words before."""
    data = (before + PASSWORD).encode()
    found = candidate(data, len(before), len(data), PASSWORD, 0)

    assert found.variable == "DB_PASSWORD"
    assert shipped().score(found) > 0.8


def test_a_sentence_gives_a_password_away_when_it_is_no_plain_word() -> None:
    """With a figure in it, in more than one language."""
    assert scored("the password is ", "hun" + "ter2") > 0.5
    assert scored("das passwort ist ", "Sommer" + "2023!") > 0.5


def test_reasons_are_words_that_show_nothing_of_the_value() -> None:
    """For a secret those that speak for it, for another those against it."""
    for one in (of(PASSWORD, "password"), of("user_password", "password_field"), of("hello-world", "greeting")):
        reasons = shipped().reasons(one)
        assert reasons
        assert not any(one.value in reason for reason in reasons)
    assert "its name is one of secrets" in shipped().reasons(of(PASSWORD, "password"))
    assert said({"placeholder": -3.0, "length": 0.5}, is_secret=False) == ("a placeholder or template",)


def test_every_feature_has_its_words() -> None:
    """A feature without any would be left out of the reasons in silence."""
    for name in NAMES:
        assert said({name: 1.0}, is_secret=True)


def test_shares_add_up_to_the_verdict() -> None:
    """Of every tree, from its root to its leaf."""
    forest = msgspec.json.decode(SHIPPED.read_bytes(), type=Model).forest
    small = Forest(0.5, (Tree((1, 0, 0), (2.0, 0.0, 0.0), (1, 0, 0), (2, 0, 0), (0.1, -1.0, 3.0)),))
    assert small.odds([0.0, 2.0]) == pytest.approx(-0.5)
    assert small.odds([0.0, 2.1]) == pytest.approx(3.5)
    assert small.shares([0.0, 2.1]) == {1: pytest.approx(2.9)}

    numbers = measured(of(PASSWORD, "password"), Letters(bytes(27**3)))
    roots = sum(tree.value[0] for tree in forest.trees)
    assert forest.base + roots + sum(forest.shares(numbers).values()) == pytest.approx(forest.odds(numbers), abs=1e-6)


def test_probabilities_rise_with_the_odds_and_stay_within_bounds() -> None:
    """Straight lines between the points; flat beyond them."""
    curve = Calibration((-1.0, 0.0, 2.0), (0.1, 0.3, 0.9))
    assert [curve.of(x) for x in (-9.0, -0.5, 1.0, 9.0)] == pytest.approx([0.1, 0.2, 0.6, 0.9])
    kept = msgspec.json.decode(SHIPPED.read_bytes(), type=Model).calibration
    assert list(kept.odds) == sorted(set(kept.odds))
    assert list(kept.probability) == sorted(kept.probability)


def test_a_model_of_other_features_is_refused() -> None:
    """Its numbers would mean something else."""
    model = msgspec.json.decode(SHIPPED.read_bytes(), type=Model)
    with pytest.raises(ValueError, match="other features"):
        Learned(msgspec.structs.replace(model, features=model.features[1:]))


def test_random_letters_cost_more_than_words() -> None:
    """That is what the model of letters is for."""
    letters = learned(["password", "secret", "letter", "winter", "summer", "better", "wonder"])
    assert letters.bits("winterletter")[0] < letters.bits("xqzvkjwq")[0] - 1
    assert letters.bits("1234") == (0.0, 0.0)


@pytest.mark.parametrize("value", ["pwd=" * 16_000 + " ", "a" * 65_536, "\ud800" * 9, "(" * 65_536, "a.b" * 20_000])
def test_a_hostile_value_is_judged_all_the_same(value: str) -> None:
    """However long: only its beginning is measured."""
    assert 0.0 <= shipped().score(of(value, "password")) <= 1.0


def test_the_file_is_small() -> None:
    """A few hundred KB at most, in the package and in memory."""
    assert SHIPPED.stat().st_size < 300_000
