"""A page of metrics is read as Prometheus reads it, or says why it can't be."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_open

from fairlead.release.sources.metrics.page import read_page
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Shown


def shown(text: str, *wanted: str) -> Shown:
    return read_page(text, wanted, version="v1", began=1.0)


def test_the_series_that_are_meant_are_added_up() -> None:
    page = shown(
        'x_total{kind="a",model="m"} 3\nx_total{kind="a",model="n"} 4\nx_total{kind="b"} 50 1700000000000\n', "x_total"
    )
    assert page.sum(Selector.parse('x_total{kind="a"}')) == 7
    assert page.sum(Selector.parse("x_total")) == 57


def test_what_has_not_happened_yet_is_zero() -> None:
    page = shown('# TYPE x_total counter\nx_total{kind="a"} 3\n', "x_total")
    assert page.sum(Selector.parse('x_total{kind="b"}')) == 0
    assert shown("# TYPE x_total counter\n", "x_total").names == {"x_total"}


def test_a_counter_keeps_the_name_that_it_has() -> None:
    """The parser calls it `x_total`; then somebody who asks for a metric that is not there would find one."""
    page = shown("# TYPE x counter\nx 3\n", "x", "x_total")
    assert page.names == {"x"}
    assert page.sum(Selector.parse("x")) == 3


@pytest.mark.parametrize("generate", [generate_latest, generate_open], ids=["text", "OpenMetrics"])
def test_what_the_usual_client_writes_is_read(generate: object) -> None:
    assert callable(generate)
    registry = CollectorRegistry()
    Counter("llm_errors", "errors", ["kind"], registry=registry).labels("provider").inc(2)
    Counter("llm_refusals", "none yet", ["kind"], registry=registry)
    Histogram("llm_seconds", "seconds", buckets=(0.5, 1.0), registry=registry).observe(
        0.7, {"trace_id": "a b"} if generate is generate_open else None
    )
    page = shown(generate(registry).decode(), "llm_errors_total", "llm_seconds_bucket", "llm_seconds_sum")
    assert page.names >= {"llm_errors_total", "llm_refusals_total", "llm_seconds_bucket", "llm_seconds_count"}
    assert page.sum(Selector.parse('llm_errors_total{kind="provider"}')) == 2
    assert page.sum(Selector.parse('llm_seconds_bucket{le="1.0"}')) == 1
    assert page.sum(Selector.parse("llm_seconds_sum")) == 0.7


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x_total NaN\n", "x_total is NaN"),
        ("x_total +Inf\n", "x_total is infinite"),
        ('x_total{knd="a"} 1\n', "x_total has no label kind; did you mean knd?"),
        ('x_total{kind="a"} 1\nx_total{kind="a"} 1\n', "x_total has the same series twice"),
        ("x_total one\n", "its metrics can't be read"),
        ('x_total{kind="a} 1\n', "its metrics can't be read"),
        ("x_total{ 1\n", "its metrics can't be read"),
    ],
)
def test_what_can_not_be_used_says_why(text: str, why: str) -> None:
    with pytest.raises(NoEvidence, match=why.replace("?", r"\?")):
        shown(text, "x_total").sum(
            Selector.parse('x_total{kind=~".+"}' if "NaN" not in text and "Inf" not in text else "x_total")
        )


@pytest.mark.parametrize("text", ["", "\0\0\0", "<html>x_total</html>", "{}", "x_total", "\n" * 9, "� 1\n", "# TYPE\n"])
def test_garbage_is_a_page_without_metrics(text: str) -> None:
    assert shown(text, "x_total").sum(Selector.parse("x_total")) == 0


def test_damage_elsewhere_on_the_page_does_no_harm() -> None:
    assert shown('y_total{"} what\nx_total 3\n', "x_total").sum(Selector.parse("x_total")) == 3
