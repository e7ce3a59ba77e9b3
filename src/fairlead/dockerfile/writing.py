"""The Dockerfile itself: the stages of a language, and below them what every image says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fairlead.dockerfile.guess import language
from fairlead.dockerfile.health import healthcheck
from fairlead.dockerfile.languages import LANGUAGES
from fairlead.dockerfile.subject import Recipe, Subject, exec_form
from fairlead.stack.containers import inner_ports
from fairlead.stack.variables import of_port

HEADER = (
    "# Written by Fairlead from the service's entry in the stack file and the files beside it.",
    "# A Dockerfile in the directory takes its place.",
)


def dockerfile(subject: Subject, *, every_stage: bool = True) -> str:
    """The text, ending with the stage `production`. Raises `RuntimeFailure` where it can't be told what to run.

    Without `every_stage` it has none for development and tests: a builder that is no BuildKit would run them too.
    """
    found = recipe(subject)
    stages = [HEADER, found.builder]
    if every_stage:
        stages += [found.development, found.test]
    stages.append((*found.production, *_common(subject, found), *found.code, *_own(subject, found)))
    return "\n\n".join("\n".join(lines) for lines in stages if lines) + "\n"


def recipe(subject: Subject) -> Recipe:
    """What the language of a subject adds. Raises `RuntimeFailure` where nothing tells it."""
    return LANGUAGES[language(subject)](subject)


def _common(subject: Subject, recipe: Recipe) -> Iterator[str]:
    """What does not change with the code."""
    service = subject.service
    ports = inner_ports(service)
    given = {of_port(service, name): str(port) for name, port in ports.items()}
    yield "ENV " + " ".join(f"{name}={value}" for name, value in {"HOST": "0.0.0.0", **given}.items())  # noqa: S104 - inside a container, whose network is its own
    if ports:
        yield "EXPOSE " + " ".join(str(port) for port in ports.values())
    yield f"STOPSIGNAL {service.stop.signal}"
    yield from healthcheck(service, recipe.asker)
    yield f"USER {service.hardening.user}:{service.hardening.user}"


def _own(subject: Subject, recipe: Recipe) -> Iterator[str]:
    """What tells this image from others."""
    yield f"CMD {exec_form(recipe.command)}"
    yield from common_end(subject.name, subject.service.description)


def common_end(title: str, description: str) -> Iterator[str]:
    """The last lines of every image; the builder gives the version."""
    yield "ARG VERSION=unversioned"
    labels = _labels(title, description)
    yield "LABEL " + " \\\n      ".join(f"{name}={_quoted(value)}" for name, value in labels.items())


def _labels(title: str, description: str) -> dict[str, str]:
    """The keys of the OCI image specification ("Pre-Defined Annotation Keys")."""
    labels = {"org.opencontainers.image.title": title}
    if description:
        labels["org.opencontainers.image.description"] = description
    return labels | {"org.opencontainers.image.version": "$VERSION"}


def _quoted(value: str) -> str:
    """One line in double quotes, with nothing for the builder to put in but the version."""
    text = " ".join(value.split())
    return json.dumps(text if text == "$VERSION" else text.replace("$", "\\$"), ensure_ascii=False).replace(
        "\\\\$", "\\$"
    )
