"""The pipeline: branches, platforms and commands that a forge takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.model import Stack

PLATFORMS = frozenset(
    f"{system}/{kind}" for system in ("linux", "darwin", "windows") for kind in ("amd64", "arm64")
) | {"linux/386", "linux/arm/v6", "linux/arm/v7", "linux/ppc64le", "linux/riscv64", "linux/s390x"}
"""What images and binaries are built for: https://docs.docker.com/build/building/multi-platform/."""

_NO_BRANCH = re.compile(r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|^[/.-]|[/.]$|\.lock$|/\.")
"""https://git-scm.com/docs/git-check-ref-format"""


@rule
def pipelines_can_publish(stack: Stack) -> Iterator[Finding]:
    """Images go somewhere."""
    pipeline = stack.pipeline
    if pipeline is not None and "images" in pipeline.publish and pipeline.registry is None:
        message = "`images` needs a `registry`"
        yield Finding(("pipeline", "publish"), message, "add `registry: ghcr.io/owner`")


@rule
def platforms_are_known(stack: Stack) -> Iterator[Finding]:
    """A builder knows what it builds for."""
    for n, platform in enumerate(stack.pipeline.platforms if stack.pipeline else ()):
        if platform not in PLATFORMS:
            mend = "such as `linux/amd64` or `linux/arm64`"
            yield Finding(("pipeline", "platforms", n), "should be a system and a processor", mend)


@rule
def branches_can_exist(stack: Stack) -> Iterator[Finding]:
    """A branch has a name that git takes."""
    for environment, branch in (stack.pipeline.branches if stack.pipeline else {}).items():
        if not branch or _NO_BRANCH.search(branch):
            yield Finding(("pipeline", "branches", environment), "should be the name of a branch", "such as `main`")


@rule
def stages_do_something(stack: Stack) -> Iterator[Finding]:
    """A stage without a command would be green for nothing."""
    for stage, command in (stack.pipeline.commands if stack.pipeline else {}).items():
        if not command.strip():
            yield Finding(("pipeline", "commands", stage), "should not be empty", "name a command, or take it out")
