"""The page of what checkers say of the renders: whole, without a finding, and from a real run."""

from __future__ import annotations

from pathlib import Path

from tools.check_renders import PAGE, SYSTEMS, Run, excepted, judge, page

from fairlead.render.checker import CHECKERS
from fairlead.render.target import TARGETS, File


def test_the_page_has_every_target_with_each_of_its_checkers_and_no_finding() -> None:
    """A new target or checker asks for a new run; a finding has to be mended, or excepted with a reason."""
    text = PAGE.read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    judged = {(row[0], row[1]): row[2:] for row in rows if len(row) == 2 + len(SYSTEMS) and row[0] in TARGETS.names()}
    assert set(judged) == {(name, one) for name in TARGETS.names() for one in TARGETS.get(name).checkers}
    assert [
        cell for cells in judged.values() for cell in cells if not cell.startswith(("0 in ", "nothing", "skip"))
    ] == []
    assert {row[0] for row in rows} >= set(CHECKERS.names())


def test_what_was_judged_before_is_not_judged_again(tmp_path: Path) -> None:
    """Its verdict is kept by what was judged, by whom, and in which version."""
    first, second = Run(), Run()
    judge(first, "hub", "loki", tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    judge(second, "hub", "loki", tmp_path)
    assert kept
    assert kept == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert first == second
    assert "| loki | loki-schema | 0 in " in page(first)


def test_exceptions_that_stand_in_the_files_are_found_with_their_reasons() -> None:
    """Of checkov and of ShellCheck."""
    texts = ["#checkov:skip=CKV_AWS_18:the trail tells\n", "# shellcheck disable=SC1091 # it is beside this one\n"]
    files = [File(f"{number}", text) for number, text in enumerate(texts)]
    assert dict(excepted(files)) == {"CKV_AWS_18": "the trail tells", "SC1091": "it is beside this one"}
