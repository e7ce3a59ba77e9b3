"""Names of images: what every engine and registry takes, and which image it is tomorrow too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack

_HOST = r"(?:localhost|\[[a-fA-F0-9:]+\]|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+(?=:\d))(?::\d+)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_PART}(?:/{_PART})*"
_END = r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
_IMAGE = re.compile(rf"(?:{_HOST}/)?{_PATH}{_END}", re.ASCII)
"""https://pkg.go.dev/github.com/distribution/reference"""
_REGISTRY = re.compile(rf"{_HOST}(?:/{_PATH})?|{_PATH}", re.ASCII)
_FORM = "a name in lower case, `host/owner/name`"


@rule
def images_say_which(stack: Stack) -> Iterator[Finding]:
    """An image without a tag is another one tomorrow, and so is `latest`."""
    for here, service in services(stack):
        where, image = (*here, "image"), service.image
        if image is None:
            continue
        found = _IMAGE.fullmatch(image)
        hint = "write `name:1.2.3` or `name@sha256:…`"
        if found is None or not (found["tag"] or found["digest"]):
            yield Finding(where, "should be an image with a tag or a digest", _case(image) or hint)
        elif found["tag"] == "latest" and not found["digest"]:
            yield Finding(where, "should not be `latest`, which is another image tomorrow", hint)


@rule
def images_have_names(stack: Stack) -> Iterator[Finding]:
    """Images that are pushed, or taken instead of others, have names that a registry takes."""
    for here, service in services(stack):
        if service.build is not None and service.build.image is not None:
            yield from _untagged((*here, "build", "image"), service.build.image)
    for name, image in stack.docker.images.items():
        yield from _named(("docker", "images", name), image)
    if stack.router.image is not None:
        yield from _named(("router", "image"), stack.router.image)


def _untagged(where: KeyPath, image: str) -> Iterator[Finding]:
    if set(image.rpartition("/")[2]) & set(":@"):
        yield Finding(where, "should be an image's name without a tag", "the tag is the version that is released")
    else:
        yield from _named(where, image)


def _named(where: KeyPath, image: str) -> Iterator[Finding]:
    if not _IMAGE.fullmatch(image):
        yield Finding(where, f"should be an image: {_FORM}", _case(image) or "such as `ghcr.io/owner/name`")


def _case(image: str) -> str | None:
    """A hint where capitals are all that is wrong."""
    return "names of images are in lower case" if image != image.lower() and _IMAGE.fullmatch(image.lower()) else None


@rule
def registries_are_hosts(stack: Stack) -> Iterator[Finding]:
    """A registry is a host; the pipeline's one may have a path."""
    registry = stack.pipeline.registry if stack.pipeline is not None else None
    if registry is not None and "://" in registry:
        yield Finding(("pipeline", "registry"), "should have no scheme", "such as `ghcr.io/owner`")
    elif registry is not None and not _REGISTRY.fullmatch(registry):
        yield Finding(("pipeline", "registry"), f"should be {_FORM}, without a tag", "such as `ghcr.io/owner`")
    for host in stack.docker.registries:
        if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d+)?", host):
            yield Finding(("docker", "registries", host), "should be the host of a registry", "such as `ghcr.io`")
