"""From a file to a stack: order of the steps, environments, variables, and what is said where."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.errors import Problem, StackError
from fairlead.kit.yaml import dumps
from fairlead.stack.load import check_all, environments, load, read
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service
from fairlead.stack.overlay import KEEPS_NULL

Write = Callable[[str], Path]
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/fairlead.yaml"))
WEB = "name: shop\nservices:\n  web:\n    command: python app.py\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def into_a_file(text: str) -> Path:
        file = tmp_path / "fairlead.yaml"
        file.write_text(text)
        return file

    return into_a_file


def problems(file: Path, environment: str | None = None, **environ: str) -> list[str]:
    found = read(file, environment=environment, environ=environ).problems
    return [str(problem).removeprefix(f"{file}:") for problem in found]


def test_shorthands_are_expanded(write: Write) -> None:
    """Consumers see full forms only."""
    stack = load(
        write(WEB + "    scale: 3\n    ports: {http: 80, grpc: 90}\n    needs: [api]\n  api: {command: x}\n"),
        environ={},
    )
    web = stack.services["web"]
    assert web.command == ["python", "app.py"]
    assert (web.scale.min, web.scale.max) == (3, 3)
    assert web.ports["grpc"].protocol == "grpc"
    assert web.needs[0].name == "api"


def test_a_missing_file_is_one_problem(tmp_path: Path) -> None:
    """With a way on, and no line."""
    with pytest.raises(StackError, match=r"none\.yaml: there is no such file") as caught:
        load(tmp_path / "none.yaml", environ={})
    assert caught.value.exit_code == 3


def test_an_overlay_merges_mappings_and_replaces_everything_else(write: Write) -> None:
    """Sparse: what it does not name stays."""
    file = write(
        WEB + "    scale: {min: 1, max: 5}\n    environment: {A: a, B: b}\n    ports: {http: 80}\n"
        "    expose: [{path: /a}, {path: /b}]\n"
        "environments:\n  production:\n    services:\n      web:\n"
        "        scale: {min: 3}\n        environment: {B: null, C: c}\n        expose: [{path: /c}]\n"
    )
    web = load(file, environment="production", environ={}).services["web"]
    assert (web.scale.min, web.scale.max) == (3, 5)
    assert web.environment == {"A": "a", "C": "c"}
    assert [way.path for way in web.expose] == ["/c"]
    assert load(file, environ={}).services["web"].environment == {"A": "a", "B": "b"}


def test_a_fixed_scale_stays_the_minimum_when_an_overlay_adds_a_maximum(write: Write) -> None:
    """`scale: 3` is short for min and max; a merge must not forget the min."""
    file = write(WEB + "    scale: 3\nenvironments:\n  p: {services: {web: {scale: {max: 9}}}}\n")
    scale = load(file, environment="p", environ={}).services["web"].scale
    assert (scale.min, scale.max) == (3, 9)


def test_null_keeps_its_meaning_where_it_has_one(write: Write) -> None:
    """`router.http: null` closes the port; taking the key out would open 8080."""
    file = write(WEB + "router: {http: 80}\nenvironments:\n  p: {router: {http: null}}\n")
    assert load(file, environment="p", environ={}).router.http is None


def test_the_keys_whose_null_has_a_meaning_are_all_known() -> None:
    """Every key that takes `null` while its default is something else, found in the model itself."""
    found = set()
    for name, part in Stack.model_fields.items():
        for key, field in getattr(part.annotation, "model_fields", {}).items():
            if type(None) in getattr(field.annotation, "__args__", ()) and field.get_default() is not None:
                found.add((name, key))
    assert found == KEEPS_NULL


def test_problems_in_an_overlay_have_its_lines(write: Write) -> None:
    """Line 9 is in the overlay; the missing command is told at the service."""
    text = (
        WEB
        + "environments:\n  p:\n    services:\n"
        + "      web:\n        scale: {min: x}\n      api:\n        description: d\n"
    )
    assert problems(write(text), "p") == [
        "9: services.web.scale.min: should be a whole number, got `x`",
        "10: services.api: should have one of `uses`, `command`, `build` or `image`, got none",
    ]


def test_variables_are_put_in(write: Write) -> None:
    """With default, with message, with a plain dollar, several in one text."""
    text = "      A: ${A}\n      B: ${B:-two}\n      C: ${C:?say}\n      D: $$HOME $HOME\n      E: <${A}-${B:-two}>\n"
    stack = load(write(WEB + "    environment:\n" + text), environ={"A": "one", "C": "three"})
    assert stack.services["web"].environment == {
        "A": "one", "B": "two", "C": "three", "D": "$HOME $HOME", "E": "<one-two>",
    }  # fmt: skip


def test_an_empty_variable_counts_as_set_only_without_a_default(write: Write) -> None:
    """As in a shell: `:-` and `:?` ask for something that is not empty."""
    file = write(WEB + "    environment:\n      A: ${X}\n      B: ${X:-d}\n")
    assert load(file, environ={"X": ""}).services["web"].environment == {"A": "", "B": "d"}
    assert problems(write(WEB + "    environment:\n      A: ${X:?needed}\n"), X="") == [
        "6: services.web.environment.A: the variable `X` is not set: needed"
    ]


def test_a_variable_becomes_a_number_only_where_a_number_belongs(write: Write) -> None:
    """A version such as 1.30 in the environment stays text; a port becomes a port, short form or not."""
    text = "    ports: {http: '${P}'}\n    scale: ${N}\n    environment: {V: '${V}'}\n    hardening: {jit: '${J}'}\n"
    web = load(write(WEB + text), environ={"P": "9000", "N": "2", "V": "1.30", "J": "true"}).services["web"]
    assert (web.ports["http"].port, web.scale.min, web.hardening.jit) == (9000, 2, True)
    assert web.environment == {"V": "1.30"}


def test_variables_of_other_environments_are_not_asked_for(write: Write) -> None:
    """Only the overlay in use is read."""
    file = write(WEB + "environments:\n  p: {services: {web: {environment: {A: '${A}'}}}}\n")
    assert problems(file) == []
    assert problems(file, "p") == ["6: services.web.environment.A: the variable `A` is not set"]


def test_a_variable_that_holds_something_wrong_is_not_shown(write: Write) -> None:
    """It came from the environment: it may be anything."""
    (found,) = problems(write(WEB + "    stop: {grace: '${G}'}\n"), G="hunter" + "2")
    assert found.startswith("5: services.web.stop.grace: should be a duration with a unit")
    assert found.endswith("got what `${G}` holds")


def test_anchors_and_merge_keys_share_parts(write: Write) -> None:
    """A problem in a shared part is told where it is written."""
    text = (
        "name: shop\nservices:\n  a: &a\n    command: x\n    ports: {http: 80}\n    expose: [{path: /a}]\n"
        "  b:\n    <<: *a\n    expose: [{path: /b, port: htp}]\n"
    )
    assert problems(write(text)) == ["9: services.b.expose.0.port: there is no port `htp`"]


def test_check_all_looks_at_every_environment(write: Write) -> None:
    """A problem of one says which; a problem of the base is told once."""
    file = write(
        WEB + "    scale: {min: 1, max: 2}\n    bad: 1\nenvironments:\n"
        "  a: {services: {web: {scale: {min: 3}}}}\n  b: {services: {web: {replicas: 3}}}\n"
    )
    reading = check_all(file, {})
    assert reading.stack is None
    assert [str(problem).removeprefix(f"{file}:") for problem in reading.problems] == [
        "5: services.web.scale.max: should be at least min (3), got 2 (in environment `a`)",
        "6: services.web.bad: unknown key",
        "9: services.web.replicas: unknown key (in environment `b`)",
    ]


def test_a_secret_in_an_overlay_is_told_once(write: Write) -> None:
    """Loaded with or without that environment."""
    value = "hunter" + "2"
    file = write(WEB + f"environments:\n  p: {{services: {{web: {{environment: {{A_TOKEN: {value}}}}}}}}}\n")
    assert len(check_all(file, {}).problems) == len(problems(file, "p")) == len(problems(file)) == 1


def test_what_follows_from_a_wrong_key_is_not_told(write: Write) -> None:
    """The probe's port is wrong only because `ports` is; other services are looked at all the same."""
    text = "    ports: {http: eighty}\n    probes: {readiness: {http: /}}\n  api: {command: x, needs: [nobody]}\n"
    assert problems(write(WEB + text)) == [
        "5: services.web.ports.http: should be a mapping or a port from 1 to 65535, such as `8080`, got text",
        "7: services.api.needs.0: there is no service or store `nobody`",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (WEB + "    needs: [db]\nstores:\n  db: {kind: postgress}\n", [7]),
        (WEB + "    resources: {cpu: {request: half}}\n    scale: {max: 3, targets: {cpu: 70%}}\n", [5]),
        (WEB + "router:\n  https: 8443\n  tls: cert.pem\n", [7]),
        (WEB + "watching:\n  channels: {chat: {kind: chatt}}\n  warning: [chat]\n", [6]),
        (WEB + "stores:\n  db: {kind: redis, backup: 5, recovery: {rpo: 1h}}\n", [6]),
        (WEB + "    needs: [{nam: db}, nobody]\n    scal: 1\n", [5, 5, 6]),
    ],
)
def test_one_mistake_is_one_problem(write: Write, text: str, lines: list[int]) -> None:
    """Whatever else would look wrong because of it."""
    assert [problem.line for problem in read(write(text), environ={}).problems] == lines


def test_notes_are_no_problems(write: Write) -> None:
    """What one machine does not do is said, and the stack loads."""
    reading = read(write(WEB + "stores:\n  queue: {kind: kafka}\n"), environ={})
    assert reading.stack is not None
    assert [note.message for note in reading.notes] == ["one machine does not start `kafka`"]


def test_a_long_chain_of_needs_is_no_problem(write: Write) -> None:
    """Looking for cycles must not run out of stack."""
    chain = "".join(f"  s{n}: {{command: x, needs: [s{n + 1}]}}\n" for n in range(1500))
    assert problems(write("name: shop\nservices:\n" + chain + "  s1500: {command: x}\n")) == []


def test_the_names_of_environments_are_known_without_loading(write: Write, tmp_path: Path) -> None:
    """For completion, and for `check`."""
    assert environments(write(WEB + "environments: {a: {}, b: null}\n")) == ("a", "b")
    assert environments(tmp_path / "none") == ()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_a_stack_goes_through_json_unharmed(file: Path) -> None:
    """In every environment: `validate(dump(stack)) == stack`, all fields or only those written."""
    for environment in (None, *environments(file)):
        stack = load(file, environment=environment, environ={})
        assert Stack.model_validate(stack.model_dump(mode="json", by_alias=True)) == stack
        assert Stack.model_validate(stack.model_dump(mode="json", by_alias=True, exclude_unset=True)) == stack


TEXTS = st.sampled_from([WEB, *(file.read_text() for file in EXAMPLES)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    text=TEXTS, cut=st.integers(0, 4000), put=st.text(max_size=6) | st.sampled_from(["null", "[]", "{}", ": ", "-1"])
)
def test_a_damaged_file_ends_in_a_stack_or_in_problems(tmp_path: Path, text: str, cut: int, put: str) -> None:
    """Cut anywhere, with anything put in: never another error."""
    file = tmp_path / "fairlead.yaml"
    file.write_text(text[:cut] + put + text[cut + len(put) :], encoding="utf-8", errors="surrogatepass")
    reading = check_all(file, {})
    assert (reading.stack is None) == bool(reading.problems)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["1s", "${A}", "web"])
)
NAMES = st.sampled_from(["web", "min", "http", "x"])
BRANCHES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(NAMES, LEAVES, max_size=3)
TREES = BRANCHES | st.lists(BRANCHES, max_size=3) | st.dictionaries(NAMES, BRANCHES, max_size=3)
KEYS = sorted({"environments", *Stack.model_fields})
SERVICE_KEYS = sorted(field.alias or name for name, field in Service.model_fields.items())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    top=st.dictionaries(st.sampled_from(KEYS), TREES, max_size=4),
    service=st.dictionaries(st.sampled_from(SERVICE_KEYS), TREES, max_size=5),
)
def test_any_values_under_known_keys_end_in_a_stack_or_in_problems(
    tmp_path: Path, top: dict[str, object], service: dict[str, object]
) -> None:
    """Wrong types everywhere: each is told in our own words, none gets through as another error."""
    file = tmp_path / "fairlead.yaml"
    file.write_text(dumps({"name": "shop", **top, "services": {"web": service}}), errors="replace")
    reading = check_all(file, {"A": "1"})
    assert (reading.stack is None) == bool(reading.problems)
    assert all(is_ours(problem) for problem in reading.problems)


def is_ours(problem: Problem) -> bool:
    return "Input" not in problem.message and "Error" not in problem.message and bool(problem.hint)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(raw=st.binary(max_size=200))
def test_any_bytes_end_in_problems(tmp_path: Path, raw: bytes) -> None:
    """A file of anything at all."""
    file = tmp_path / "fairlead.yaml"
    file.write_bytes(raw)
    with pytest.raises(StackError):
        load(file, environ=os.environ)
