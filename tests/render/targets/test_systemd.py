"""Units: what systemd says of them, and the figures that the stack file names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.conftest import scene_named
from tests.render.judging import findings

from fairlead.render.rendering import rendered
from fairlead.render.target import TARGETS
from fairlead.render.targets.systemd.calendar import calendars
from fairlead.render.writing import write


@pytest.mark.parametrize("system", ["optimizer", "hub"])
def test_no_tool_complains(system: str, tmp_path: Path) -> None:
    """systemd itself, its count of exposure, and ShellCheck; one unit alone, and templates."""
    write(rendered("systemd", scene_named(system)).files, tmp_path)
    assert findings(TARGETS.get("systemd").checkers, tmp_path) == []


def test_the_optimizer_has_the_limits_of_its_stack_file() -> None:
    """Four processors, four gibibytes, a migration before, and a question that restarts it."""
    files = _files("optimizer")
    unit = files["units/optimizer-optimizer.service"].splitlines()
    for line in ("CPUQuota=400%", "MemoryMax=4G", "Restart=always", "NoNewPrivileges=yes", "DynamicUser=yes"):
        assert line in unit
    assert "Requires=optimizer-optimizer-migrate.service" in unit
    assert (
        "OnFailure=optimizer-restart@optimizer-optimizer.service.service"
        in files["units/optimizer-optimizer-health.service"]
    )


def test_instances_have_ports_of_their_own() -> None:
    """The four services of the marketplace all ask for the same ones."""
    given = [
        line
        for path, text in _files("marketplace").items()
        if path.startswith("etc/") and path.endswith(".env")
        for line in text.splitlines()
        if line.startswith("PORT")
    ]
    numbers = [line.partition("=")[2] for line in given]
    assert len(numbers) == (3 + 5 + 10 + 2) * 2
    assert len(set(numbers)) == len(numbers)


def test_secrets_are_named_without_values() -> None:
    """An example is filled in by whoever installs it."""
    lines = _files("hub")["etc/secrets/hub.env.example"].splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["OPENAI_API_KEY=", "ANTHROPIC_API_KEY="]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 3 * * *", ["*-*-* 3:0:00 UTC"]),
        ("*/15 8-18 * * mon-fri", ["Mon,Tue,Wed,Thu,Fri *-*-* 8..18:0/15:00 UTC"]),
        ("30 2 1 jan,jul 0", ["*-1,7-1 2:30:00 UTC", "Sun *-1,7-* 2:30:00 UTC"]),
    ],
)
def test_times_of_cron_are_times_of_systemd(cron: str, expected: list[str]) -> None:
    """Where both days are named, cron takes either."""
    assert calendars(cron) == expected


def _files(system: str) -> dict[str, str]:
    return {file.path: file.text for file in rendered("systemd", scene_named(system)).files}
