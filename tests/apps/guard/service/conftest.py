"""A real service with a few real rule files: all of them would take a minute to build."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.apps.guard.service.services import RULES, Make
from tests.apps.hub.accounts.conftest import postgres_server, postgres_url, redis_server

from fairlead.apps.guard import library
from fairlead.apps.guard.rules.loading import ours
from fairlead.apps.guard.service.looking import Engine
from fairlead.apps.guard.service.settings import Config, Settings

__all__ = ["postgres_server", "postgres_url", "redis_server"]


@pytest.fixture(scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the built patterns of all these tests are kept."""
    return tmp_path_factory.mktemp("patterns")


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our own files, some of them."""
    files = {name: text for name, text in ours().items() if name in RULES or not name.startswith("issuers/")}
    monkeypatch.setattr(library, "ours", lambda: files)
    yield
    library._loaded.cache_clear()


@pytest.fixture
def make(tmp_path: Path, patterns: Path) -> Make:
    """Settings of a service in this folder."""

    def made(
        api_key: str | None = None, store: str | None = None, redis: str | None = None, **config: object
    ) -> Settings:
        return Settings(
            tmp_path / "data", Config.model_validate(config), port=0, store=store, redis=redis, api_key=api_key,
            pattern_cache=patterns, farewell_s=0.0, grace_s=5.0,
        )  # fmt: skip

    return made


@pytest.fixture
def engine(patterns: Path) -> Callable[[], Engine]:
    """The library alone."""
    return lambda: Engine((), b"k" * 32, patterns)
