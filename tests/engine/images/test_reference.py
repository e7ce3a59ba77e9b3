"""Names of images."""

from __future__ import annotations

import pytest

from fairlead.engine.images.reference import parse, pinned, replaced

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "host", "whole"),
    [
        ("python", "docker.io", "python:latest"),
        ("python:3.13", "docker.io", "python:3.13"),
        ("me/app:1", "docker.io", "me/app:1"),
        ("ghcr.io/me/app:1", "ghcr.io", "ghcr.io/me/app:1"),
        ("localhost/app", "localhost", "localhost/app:latest"),
        ("127.0.0.1:5000/app", "127.0.0.1:5000", "127.0.0.1:5000/app:latest"),
        (f"127.0.0.1:5000/app:1@{DIGEST}", "127.0.0.1:5000", f"127.0.0.1:5000/app@{DIGEST}"),
    ],
)
def test_a_name_is_taken_apart(text: str, host: str, whole: str) -> None:
    """A colon may be of a port; a first part without dot or colon is no registry."""
    assert (parse(text).host, parse(text).whole) == (host, whole)


def test_another_image_can_stand_for_a_usual_one() -> None:
    """With the tag that is asked for, unless it has one of its own."""
    assert replaced("postgres:16", {"postgres": "my.registry/pg"}) == "my.registry/pg:16"
    assert replaced("postgres:16", {"postgres": "my.registry/pg:own"}) == "my.registry/pg:own"
    assert replaced("postgres:16", {"redis": "my.registry/redis"}) == "postgres:16"


@pytest.mark.parametrize(
    ("image", "digests", "pin"),
    [
        ("app:1", [f"app@{DIGEST}"], f"app@{DIGEST}"),
        ("docker.io/library/app:1", [f"app@{DIGEST}"], f"app@{DIGEST}"),
        ("app:1", [f"elsewhere.example/app@{DIGEST}"], "sha256:here"),
        ("app:1", [], "sha256:here"),
        (f"app:1@{DIGEST}", [], f"app@{DIGEST}"),
    ],
)
def test_what_runs_is_pinned_to_a_digest_or_an_id(image: str, digests: list[str], pin: str) -> None:
    """A digest of the registry that was asked, never of another one."""
    assert pinned(image, {"Id": "sha256:here", "RepoDigests": digests}) == pin
