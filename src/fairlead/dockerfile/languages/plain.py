"""A program that is there already: a script, or a binary built elsewhere."""

from __future__ import annotations

from fairlead.dockerfile.subject import Recipe, Subject

TAG = "bookworm-slim"


def recipe(subject: Subject) -> Recipe:
    """The directory as it is, on a small Debian."""
    return Recipe(
        production=(f"FROM {subject.base('debian', TAG)} AS production", "WORKDIR /app"),
        code=("COPY . .",),
        command=subject.needed_command("./serve"),
    )
