"""A scan told in four forms, none of which has a value in it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from fairlead.apps.guard.scanning.reports import FORMS
from fairlead.apps.guard.scanning.scan import Report

from .conftest import Git, Scanned, made_up

SCHEMA = Path(__file__).parent / "sarif-2.1.0.json"
"""That of OASIS (sarif-schema-2.1.0-rtm.5), without its descriptions."""


@pytest.fixture
def report(tmp_path: Path, git: Git, scanned: Scanned) -> Report:
    """With secrets, one of them encoded and one in a strange place, and with an omission."""
    (tmp_path / "a,b:\n%.py").write_text(f"first\ntoken = '{made_up(1)}'\n")
    (tmp_path / "b").write_text(f"token: {made_up(2)}".encode().hex())
    (tmp_path / "c.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    (tmp_path / "d.bin").write_bytes(b"\0")
    return scanned()


@pytest.mark.parametrize("form", FORMS)
def test_no_report_holds_a_value(form: str, report: Report) -> None:
    """Nor more of it than the beginning that all tokens of a kind have."""
    told = FORMS[form](report)
    for value in (made_up(1), made_up(2)):
        assert not any(value[at : at + 6] in told for at in range(len(value) - 6))
    assert report.findings[0].fingerprint in told
    assert "7z archives can't be opened" in told


def test_the_text_is_for_people(report: Report) -> None:
    """One line says where and what; the last ones what was done, and what was not."""
    lines = FORMS["text"](report).splitlines()
    assert lines[0] == "a,b:\\n%.py:2:10: GitHub personal access token: ghp_… (40 characters)"
    assert "b:1:1: GitHub personal access token: ghp_… (40 characters), through hex" in lines
    assert lines[-3] == "not looked through: c.7z: 7z archives can't be opened"
    assert lines[-2].endswith(": 2 secrets")
    assert lines[-1] == "holds no text, or leads elsewhere: 1 binary files"


def test_sarif_is_what_its_schema_says(report: Report) -> None:
    """And says where, by an address that any name fits into."""
    told = json.loads(FORMS["sarif"](report))
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(told)
    (run,) = told["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%2Cb%3A%0A%25.py"
    assert place["region"] == {"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 50}
    assert run["invocations"][0]["executionSuccessful"] is False


def test_annotations_can_not_be_broken_out_of(report: Report) -> None:
    """One line each, whatever a file is called."""
    lines = FORMS["github"](report).splitlines()
    assert lines[0].startswith("::error file=a%2Cb%3A\\n%25.py,line=2,endLine=2,col=10,endColumn=50,title=GitHub")
    assert lines[2].startswith("::warning title=not looked through::c.7z")


def test_json_has_all_of_it(report: Report) -> None:
    """For programs."""
    told = json.loads(FORMS["json"](report))
    assert [each["line"] for each in told["findings"]] == [2, 1]
    assert told["findings"][1]["through"] == ["hex"]
    assert told["unscanned"] == [{"path": "c.7z", "commit": None, "reason": "7z archives can't be opened"}]
    assert told["skipped"] == {"binary files": 1}
