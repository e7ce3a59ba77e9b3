"""`/analyze`: what a value is, and what is said of it."""

from __future__ import annotations

import pytest
from tests.apps.guard.service.services import GITHUB, PASSWORD, Make, town


async def test_a_value_of_an_issuers_form_is_named_by_its_rule(make: Make) -> None:
    """With why, and with what may be shown in its place."""
    async with town(make()) as here:
        said = await here.analyze(GITHUB, "x", "some file")

    assert said["secret_type"] == "github.personal-access-token"
    assert (said["risk_level"], said["model_version"]) == ("critical", "built-in")
    assert said["confidence"] > 0.98
    assert "the form of GitHub" in said["reasons"]
    assert said["redacted"] == "<secret:github.personal-access-token>"


@pytest.mark.parametrize(
    ("value", "variable", "context", "kind"),
    [
        (PASSWORD, "db_password", "", "generic.password"),
        (PASSWORD, "", f'db_password = "{PASSWORD}"', "generic.password"),
        ("9f8a7b6c5d4e" + "3f2a1b0c9d8e7f6a5b4c", "api_key", "", "generic.key"),
        ("${DB_PASSWORD}", "db_password", "", "none"),
        ("changeme", "password", "", "none"),
        ("hello world", "greeting", "", "none"),
    ],
)
async def test_a_value_without_a_form_is_judged_by_what_it_is_and_what_it_is_called(
    make: Make, value: str, variable: str, context: str, kind: str
) -> None:
    """A name may be given, or stand before it in the context."""
    async with town(make()) as here:
        said = await here.analyze(value, variable, context)

    assert said["secret_type"] == kind
    assert (said["risk_level"] == "none") is (kind == "none")
    assert (said["confidence"] >= 0.5) is (kind != "none")
    assert said["redacted"] == ("********" if kind == "none" else f"<secret:{kind}>")


async def test_what_stands_under_a_name_that_means_no_secret_is_none(make: Make) -> None:
    """A commit looks as random as a key does; with nothing said, or a secret's name, it may be one."""
    value = "9c41f07a3be2d85f" + "60b1e4a97d3c28f5a7b0c6d1"
    async with town(make()) as here:
        for name, context in (
            ("COMMIT_SHA", ""),
            ("PUBLISHABLE_KEY", ""),
            ("", f"image: app@sha256:{value}"),
            ("digest", f"digest: {value}\n"),
        ):
            assert (await here.analyze(value, name, context))["secret_type"] == "none", (name, context)
        for name, context in (("DEPLOY_TOKEN", ""), ("", f"the token is {value}"), ("", "")):
            assert (await here.analyze(value, name, context))["secret_type"] != "none", (name, context)


async def test_an_answer_is_kept_for_the_same_question_and_no_other(make: Make) -> None:
    """Counted under the promised names."""
    async with town(make()) as here:
        first = await here.analyze(GITHUB)
        again = await here.analyze(GITHUB)
        await here.analyze(GITHUB, "other")
        figures = (await here.http.get("/metrics")).text

    assert first == again
    assert "\nllm_cache_hits_total 1.0" in figures
    assert "\nllm_cache_misses_total 2.0" in figures
    secrets = 'llm_secrets_detected_total{risk_level="critical",secret_type="github.personal-access-token"} 3.0'
    assert secrets in figures
    assert 'llm_http_requests_total{endpoint="/analyze",method="POST",status_code="200"} 3.0' in figures
    assert 'llm_analysis_duration_seconds_count{secret_type="github.personal-access-token"} 2.0' in figures
    names = {line.split()[2] for line in figures.splitlines() if line.startswith("# TYPE")}
    assert {name for name in names if not name.startswith("process_")} == {
        "llm_http_requests_total",
        "llm_analysis_duration_seconds",
        "llm_cache_hits_total",
        "llm_cache_misses_total",
        "llm_secrets_detected_total",
    }


async def test_one_value_has_one_digest_wherever_it_is_found_and_after_a_restart(make: Make) -> None:
    """So that feedback on one is feedback on all."""
    settings = make()
    async with town(settings) as here:
        first = await here.analyze(GITHUB)
        scanned = await here.post("/scan", {"text": f"token {GITHUB}"})
    async with town(settings) as here:
        later = await here.analyze(GITHUB, "another")

    assert scanned["findings"][0]["digest"] == first["digest"] == later["digest"]


async def test_figures_count_distinct_values(make: Make) -> None:
    """Of all that was judged, however often."""
    settings = make()
    async with town(settings) as here:
        for _ in range(3):
            await here.analyze(GITHUB)
        await here.analyze("hello", "greeting")
    async with town(settings) as here:
        said = await here.get("/stats")

    assert said["values"] == 2
    assert said["secrets"] == {"critical": {"github.personal-access-token": 1}}
    assert said["lost"] == 0
