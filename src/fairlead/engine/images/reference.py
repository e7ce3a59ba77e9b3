"""The name of an image, taken apart: registry, path, tag and digest."""

from __future__ import annotations

from dataclasses import dataclass

HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class Reference:
    """`name` is as it was written, without tag and digest; `host` is the registry that it is fetched from."""

    name: str
    tag: str | None
    digest: str | None

    @property
    def host(self) -> str:
        """A first part without a dot or a colon is none: such names are of Docker's own registry."""
        first, slash, _ = self.name.partition("/")
        return first if slash and (set(first) & set(".:") or first == "localhost") else HUB

    @property
    def whole(self) -> str:
        """What the engine is asked for."""
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.tag or 'latest'}"


def parse(text: str) -> Reference:
    """`name[:tag][@digest]`."""
    rest, _, digest = text.partition("@")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        head, tag = rest, ""
    return Reference(head, tag or None, digest or None)


def replaced(image: str, images: dict[str, str]) -> str:
    """The image that the stack file takes instead of one with a usual name; one without a tag keeps this one's."""
    asked = parse(image)
    own = images.get(asked.name)
    if own is None:
        return image
    wanted = parse(own)
    return own if wanted.tag or wanted.digest else f"{own}:{asked.tag or 'latest'}"


def pinned(image: str, inspected: dict[str, object]) -> str:
    """What names this very image for ever: its name with a digest, or its id where no registry knows it."""
    digests = inspected.get("RepoDigests")
    known = [str(digest) for digest in digests] if isinstance(digests, list) else []
    asked = parse(image)
    if asked.digest:
        return asked.whole
    same = sorted(digest for digest in known if parse(digest).name in (asked.name, _short(asked.name)))
    return same[0] if same else str(inspected["Id"])


def _short(name: str) -> str:
    """As the engine writes names of Docker's own registry."""
    return name.removeprefix("docker.io/").removeprefix("library/")
