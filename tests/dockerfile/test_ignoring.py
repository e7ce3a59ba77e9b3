"""What is not sent to a builder."""

from __future__ import annotations

import pytest

from fairlead.dockerfile import Ignored, dockerignore
from fairlead.stack.model import Stack


def stack() -> Stack:
    """One with secrets in files, here and below."""
    return Stack.model_validate(
        {
            "name": "town",
            "services": {"notes": {"command": "sh", "ignore": ["*.log", "data"]}},
            "secrets": {"a": {"file": "./keys/a.txt"}, "b": {"file": "notes/b.txt"}, "c": {"file": "/etc/c"}},
            "router": {"tls": {"certificate": "tls/cert.crt", "key": "tls/key.key"}},
        }
    )


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "docs/README.md", True),
        ("**/*.md", "README.md", True),
        ("docs", "docs/a/b.txt", True),
        ("/docs/", "docs/a/b.txt", True),
        ("docs/**", "docs/a/b.txt", True),
        ("*/temp*", "some/temporary.txt", True),
        ("*/temp*", "some/deep/temporary.txt", False),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("[ab].txt", "b.txt", True),
        ("*\n!README*", "README.md", False),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
        ("docs\n!docs/kept.md", "docs/kept.md", False),
        ("# a comment\n\n", "# a comment", False),
        ("a.txt", "axtxt", False),
    ],
)
def test_patterns_mean_what_they_mean_to_the_builder(patterns: str, path: str, ignored: bool) -> None:
    """Examples of its own documentation among them."""
    assert Ignored(patterns)(path) is ignored


@pytest.mark.parametrize(
    "path",
    [".git/config", ".venv/bin/python", "web/node_modules/x/index.js", "a/__pycache__/b.pyc", ".fairlead/journal",
     ".env", "web/.env.local", "keys/a.txt", "notes/b.txt", "tls/key.key", "logs/x.log", "data/big.bin"],
)  # fmt: skip
def test_what_has_no_place_in_an_image_is_left_out(path: str) -> None:
    """Histories, environments, caches, state, and above all secrets."""
    one = stack()
    assert Ignored(dockerignore(one.services["notes"], one))(path)


@pytest.mark.parametrize("path", ["notes.py", "web/env.example", "tls/cert.crt", "environment.py", "certs/ca.pem"])
def test_the_program_itself_is_sent(path: str) -> None:
    """And everything that only looks alike."""
    one = stack()
    assert not Ignored(dockerignore(one.services["notes"], one))(path)


def test_secrets_are_found_below_the_directory_of_the_service() -> None:
    """Paths of the stack file are from its own folder."""
    one = stack()
    text = dockerignore(one.services["notes"], one, "./notes/")
    assert Ignored(text)("b.txt")
    assert "keys" not in text


def test_secrets_can_not_be_taken_back_in() -> None:
    """Whatever a `.dockerignore` says."""
    assert Ignored("!secret.env", always=["secret.env"])("secret.env")


@pytest.mark.parametrize(
    ("patterns", "folder", "wholly"),
    [
        ("**/node_modules", "web/node_modules", True),
        ("*\n!src", ".git", True),
        ("*\n!src/web", "src", False),
        ("*\n!src/*/kept", "src/web", False),
        ("*\n!**/kept", ".git", False),
        ("*.md", "docs", False),
    ],
)
def test_a_folder_of_which_nothing_is_sent_is_not_looked_into(patterns: str, folder: str, wholly: bool) -> None:
    """Dependencies of a front end are tens of thousands of files."""
    assert Ignored(patterns).wholly(folder) is wholly
