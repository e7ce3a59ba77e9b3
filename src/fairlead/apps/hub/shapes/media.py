"""Images, documents and sounds in the forms that protocols share: `data:` URLs (RFC 2397) and kinds by MIME type."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from fairlead.apps.hub.calls import Media, Unsayable

Kind = Literal["image", "document", "audio", "video"]


def kind_of(mime: str | None) -> Kind:
    """What a MIME type is of; anything else is a document."""
    major = (mime or "").partition("/")[0]
    if major == "image":
        return "image"
    if major == "audio":
        return "audio"
    return "video" if major == "video" else "document"


def at(url: str, kind: Kind) -> Media:
    """What a URL holds or leads to."""
    if not url.startswith("data:"):
        return Media(kind=kind, url=url)
    head, comma, data = url[5:].partition(",")
    if not comma or not head.endswith(";base64"):
        raise Unsayable("a data: URL should be of base64")
    return Media(kind=kind, mime=head.removesuffix(";base64") or None, data=data)


def url_of(media: Media, protocol: str) -> str:
    """A URL that holds it or leads to it."""
    if media.data is not None:
        return f"data:{media.mime or ''};base64,{media.data}"
    if media.url is not None:
        return media.url
    raise Unsayable(f"{protocol} has no words for a {media.kind} that is a stored file")


def text_of(media: Media) -> str:
    """A document in plain text."""
    try:
        return base64.b64decode(media.data or "", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Unsayable("a document of text/plain should be base64 of UTF-8") from error


def as_text(text: str) -> str:
    """The other way round."""
    return base64.b64encode(text.encode()).decode()
