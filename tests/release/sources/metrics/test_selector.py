"""Metrics are named as in Prometheus, and one that can't be read is an error that says where."""

from __future__ import annotations

import pytest

from fairlead.errors import UsageError
from fairlead.release.sources.metrics.selector import Matcher, Selector

OPENAI = {"kind": "provider", "model": "gpt-5"}


@pytest.mark.parametrize(
    "text",
    [
        "llm_errors_total",
        "llm_errors_total{}",
        ' llm_errors_total { kind = "provider" , model=~"gpt.*", } ',
        'llm_errors_total{kind!="user"}',
        'llm_errors_total{model!~"claude.*"}',
        'llm_errors_total{region=""}',
        'llm_errors_total{region!="eu"}',
    ],
)
def test_a_series_is_meant_when_every_matcher_fits(text: str) -> None:
    selector = Selector.parse(text)
    assert selector.name == "llm_errors_total"
    assert selector.fits(OPENAI)


@pytest.mark.parametrize(
    "matchers", ['kind="user"', 'kind=~"prov"', 'model!~"gpt.*"', 'model!="gpt-5"', 'region="eu"', 'region=~".+"']
)
def test_a_series_is_not_meant_when_one_does_not(matchers: str) -> None:
    assert not Selector.parse(f'llm_errors_total{{kind=~".*",{matchers}}}').fits(OPENAI)


def test_commas_and_braces_and_quotes_in_a_value_are_part_of_it() -> None:
    selector = Selector.parse(r'x{a="1,b=\"2\"}",c="\\d\n"}')
    assert selector.matchers == (Matcher("a", "=", '1,b="2"}'), Matcher("c", "=", "\\d\n"))


def test_only_labels_that_must_be_there_are_needed() -> None:
    assert Selector.parse('x{a="1",b="",c!="2",d=~".*",e=~".+"}').needed == ["a", "e"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "should begin with the name"),
        ("5xx_total", "should begin with the name"),
        ("rate(x_total[5m])", "should be a name, with label matchers in braces or none"),
        ("x_total[5m]", "should be a name"),
        ("x_total offset 5m", "should be a name"),
        ('{"x.y"}', "should begin with the name"),
        ("x{kind=provider}", "can't read `kind=provider`"),
        ("x{kind='provider'}", "can't read"),
        ('x{kind=="provider"}', "can't read"),
        ('x{kind="a" model="b"}', "expected a comma before"),
        ('x{,kind="a"}', "can't read"),
        ('x{kind="a"', "should be a name"),
        ('x{kind="a"} y', "should be a name"),
        ('x{kind=~"("}', "the pattern of `kind` can't be read"),
        (r'x{kind=~"\d"}', "there is no escape"),
    ],
)
def test_one_that_can_not_be_read_says_what_is_wrong_with_it(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        Selector.parse(text)
    assert f"metric `{text}`: " in caught.value.message
    assert why in caught.value.message
    assert caught.value.hint
