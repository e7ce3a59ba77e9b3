"""What the service tells of itself, and how it is started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fairlead.apps.guard.service import main
from fairlead.apps.guard.service.describing import page
from fairlead.apps.guard.service.describing.openapi import document
from fairlead.apps.guard.service.routes.describing import ENDPOINTS
from fairlead.apps.guard.service.settings import Settings
from fairlead.cli.commands.guard import command
from fairlead.stack.apps import APPS


def test_every_reference_of_the_document_is_there_and_every_operation_has_its_own_name() -> None:
    """Programs are made from it."""
    said = document(ENDPOINTS)
    text = json.dumps(said)
    wanted = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert wanted <= said["components"]["schemas"].keys()
    names = [one["operationId"] for operations in said["paths"].values() for one in operations.values()]
    assert len(names) == len(set(names)) == len(ENDPOINTS)
    promised = ("/analyze", "/train", "/stats", "/versions", "/versions/create", "/ab/enable", "/health", "/metrics")
    assert said["paths"].keys() >= set(promised)


def test_the_page_has_every_endpoint_and_nothing_from_elsewhere() -> None:
    """It works without a network."""
    made = page.html(document(ENDPOINTS))
    assert all(f"<code>{one.path}</code>" in made for one in ENDPOINTS)
    assert not any(word in made for word in ("src=", "<link", "@import", "url("))


def test_a_stack_starts_it_by_the_variables_it_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of the command is the same for all; secrets are no arguments."""
    settings: list[Settings] = []
    monkeypatch.setattr(main, "run", lambda given, *_, **__: settings.append(given))
    app = APPS["guard"]
    given: dict[str, Any] = {
        app.variables["http"]: "7001",
        app.variables["data"]: str(tmp_path),
        app.stores["postgres"]: "postgresql://u@h/d",
        app.stores["redis"]: "redis://h/0",
        "GUARD_API_KEY": "made-up-" + "key",
        "FAIRLEAD_CONFIG": '{"rate": "5/s"}',
    }
    assert app.command[0] == "guard"
    result = CliRunner().invoke(command, list(app.command[1:]), env=given, catch_exceptions=False)

    assert result.exit_code == 0
    made = settings[0]
    assert (made.port, made.folder, made.store_url, made.redis) == (7001, tmp_path, "postgresql://u@h/d", "redis://h/0")
    assert made.config.rate == (5, 1.0)
    assert made.api_key == given["GUARD_API_KEY"]
    assert given["GUARD_API_KEY"] not in repr(made)
