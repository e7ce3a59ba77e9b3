"""One of Fairlead's own apps: the installation that is sent to the builder, on the Python that it was made for."""

from __future__ import annotations

from fairlead.dockerfile.languages import python
from fairlead.dockerfile.subject import Recipe, Subject
from fairlead.stack.apps import APPS

PLACE = "/opt/fairlead"


def recipe(subject: Subject) -> Recipe:
    """Others' packages first, which seldom change."""
    base = subject.base("python", f"{python.version(subject)}-slim")
    return Recipe(
        production=(
            f"FROM {base} AS production",
            f"ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={PLACE}",
            "WORKDIR /app",
            f"COPY packages {PLACE}",
        ),
        code=(f"COPY fairlead {PLACE}/fairlead",),
        command=("python", "-P", "-m", "fairlead", *APPS[subject.service.uses or ""].command),
        asker="python",
    )
