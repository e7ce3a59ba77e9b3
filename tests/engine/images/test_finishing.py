"""A Dockerfile that somebody wrote, with the command of the stack file."""

from __future__ import annotations

from fairlead.engine.images.finishing import bases, finished

TEXT = """\
ARG BASE=debian
FROM --platform=linux/amd64 golang:1.25 AS builder
RUN go build
from $BASE as runtime
FROM scratch AS empty
FROM Builder AS test
FROM python:3.13-slim@sha256:abc
COPY --from=builder /out /out
"""


def test_a_command_replaces_the_one_of_the_last_stage() -> None:
    """Or of the stage that is asked for, in one of its own after all others."""
    assert finished("FROM a\nCMD x\n\n", None, ["b", "c d"]) == ('FROM a\nCMD x\nCMD ["b", "c d"]\n', None)
    assert finished("FROM a AS one\nFROM b\n", "one", ["x"]) == (
        'FROM a AS one\nFROM b\n\nFROM one AS fairlead-command\nCMD ["x"]\n',
        "fairlead-command",
    )


def test_without_a_command_it_stays_as_it_is() -> None:
    """To the last byte."""
    assert finished("FROM a\n\n", "one", None) == ("FROM a\n\n", "one")


def test_images_to_begin_with_are_found() -> None:
    """Not stages, not `scratch`, and not what an argument names."""
    assert bases(TEXT) == ["golang:1.25", "python:3.13-slim@sha256:abc"]
