"""What need not be told: beside the secret, in the project's list, in a baseline; and what no longer counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.apps.guard.scanning import baseline
from fairlead.apps.guard.scanning.allowances import NAME, AllowancesError
from fairlead.errors import UsageError

from .conftest import Scanned, made_up, places

ALLOW = "fairlead: allow" + " secret"


@pytest.mark.parametrize(
    "text",
    [
        f"{{}}  # {ALLOW} -- made up",
        f"# {ALLOW} -- made up until 2027-01-01\n{{}}",
        f"<!-- {ALLOW} -- made up -->\n{{}}",
        f"x = {{}} /* {ALLOW} -- made up until 2026-11-21 */",
    ],
)
def test_a_secret_is_allowed_beside_it(text: str, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """In its line, or alone in the line above; up to the last day."""
    (tmp_path / "a").write_text(text.format(token))

    report = scanned()
    assert (report.findings, report.allowed) == ([], 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{{}}  # {ALLOW}", "has no reason"),
        (f"{{}}  # {ALLOW} -- made up until 2026-11-20", "ended on 2026-11-20"),
        (f"other = 1  # {ALLOW} -- this line only\n{{}}", ""),
        (f"# {ALLOW} -- not so far\n\n{{}}", ""),
    ],
)
def test_an_allowance_needs_a_reason_and_ends(
    text: str, told: str, token: str, tmp_path: Path, scanned: Scanned
) -> None:
    """What it says then is told with the secret."""
    (tmp_path / "a").write_text(text.format(token))

    (telling,) = scanned().findings
    assert telling.expired.endswith(told) or told in telling.expired


def test_the_projects_list_allows_by_path_rule_and_fingerprint(tmp_path: Path, scanned: Scanned) -> None:
    """Each entry only what it says; paths begin at the file, wherever the scan begins."""
    for folder, n in (("tests/a", 1), ("src", 2), ("lib", 3), ("old", 4)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a").write_text(made_up(n))
    known = {each.found.place.path: each.fingerprint for each in scanned().findings}
    (tmp_path / NAME).write_text(f"""
        [[allow]]
        path = "tests/**"
        rule = "github.*"
        reason = "made up"
        [[allow]]
        digest = "{known["src/a"]}"
        reason = "revoked"
        [[allow]]
        path = "lib"
        rule = "gitlab.*"
        reason = "another issuer"
        [[allow]]
        path = "old/?"
        reason = "until it is gone"
        until = 2026-11-20
    """)

    report = scanned()
    assert (places(report), report.allowed) == (["lib/a:1:1", "old/a:1:1"], 2)
    assert "until it is gone) ended on 2026-11-20" in report.findings[1].expired
    assert scanned("tests").allowed == 1


def test_a_list_that_does_not_hold_together_is_refused_with_all_its_problems(tmp_path: Path, scanned: Scanned) -> None:
    """A misspelt key would allow more than was meant."""
    (tmp_path / NAME).write_text('[[allow]]\npaths = "x"\n[[allow]]\nreason = "all"\nuntil = "2027-01-01"\n')

    with pytest.raises(AllowancesError) as raised:
        scanned()
    assert [problem.message for problem in raised.value.problems] == [
        "unknown key paths", "has no reason", "would allow everything", "would allow everything", "should be a day",
    ]  # fmt: skip


def test_a_baseline_knows_a_secret_wherever_it_stands(tmp_path: Path, scanned: Scanned) -> None:
    """A new one is told; two baselines are merged as text."""
    (tmp_path / "a").write_text(made_up(1))
    entries = [(each.fingerprint, each.found.rule) for each in scanned().findings]
    baseline.write(tmp_path / "base", entries * 2)
    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text(f"moved\n{made_up(1)}\n{made_up(2)}\n")

    report = scanned("b", baseline=tmp_path / "base")
    assert (places(report), report.known) == (["b:3:1"], 1)
    lines = (tmp_path / "base").read_text().splitlines()
    assert len(lines) == 2
    assert not any(made_up(1)[at : at + 8] in "".join(lines) for at in range(32))


def test_a_baseline_with_a_conflict_is_refused(tmp_path: Path, scanned: Scanned) -> None:
    """Half of it would be worse than none."""
    (tmp_path / "base").write_text("<<<<<<< ours\n")

    with pytest.raises(UsageError, match="no fingerprint in line 1"):
        scanned(baseline=tmp_path / "base")
    with pytest.raises(UsageError, match="can't be read"):
        scanned(baseline=tmp_path / "missing")


def test_fingerprints_are_made_under_the_projects_key(
    token: str, tmp_path: Path, scanned: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One project's are of no use to those who look for the same value in another's."""
    (tmp_path / "a").write_text(token)
    shared = scanned().findings[0].fingerprint
    (tmp_path / NAME).write_text('key = "ours"\n')
    own = scanned().findings[0].fingerprint
    monkeypatch.setenv("FAIRLEAD_GUARD_KEY", "mine")

    assert len({shared, own, scanned().findings[0].fingerprint}) == 3
