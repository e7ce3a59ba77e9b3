"""What a call will be billed by, as far as the call itself tells: for what is set aside, and where no answer tells.

Sources: OpenAI's pages on image generation (tokens of an image by quality and size; they grow with its pixels, and each
partial image adds 100) and on prices: a minute of `gpt-4o-mini-tts` is 0.015 USD, at 12 USD for a million tokens.
Whoever speaks takes about a second for 15 letters, and for fewer where a letter takes more than a byte.
"""

from __future__ import annotations

import math
import re

from fairlead.apps.hub.calls import Json, Usage

BYTES_PER_TOKEN = 4
SPOKEN_BYTES = 15
"""In a second."""
SPOKEN_TOKENS = 0.015 / 60 / (12 / 1_000_000)
"""In a second."""
SLOWEST = 0.25
MEGAPIXEL = 1024 * 1024
IMAGE_TOKENS = {"low": 272, "medium": 1056, "high": 4160}
"""Of one of 1024 by 1024; what is left to the model may be `high`."""
LARGEST_USUAL = 1.5
"""Megapixels of an image whose size is left to the model: 1024 by 1536."""
PARTIAL_TOKENS = 100
MOST_IMAGES = 100
"""More than any provider makes for one call."""

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


def speech(fields: Json) -> Usage:
    """By characters, which are exact, and by tokens, which are an estimate; a price knows one of them."""
    words, advice = str(fields.get("input", "")), str(fields.get("instructions") or "")
    speed = _number(fields.get("speed"), 1.0)
    spoken = math.ceil(len(words.encode()) / SPOKEN_BYTES / max(speed, SLOWEST) * SPOKEN_TOKENS)
    asked = math.ceil(len((words + advice).encode()) / BYTES_PER_TOKEN)
    units = {"characters": float(len(words))}
    return Usage(input=asked, output=spoken, audio_output=spoken, units=units, estimated=True)


def images(fields: Json) -> Usage:
    """As many as are asked for, by number and by tokens."""
    count, tokens = image_count(fields.get("n")), image_tokens(fields)
    asked = math.ceil(len(str(fields.get("prompt") or "").encode()) / BYTES_PER_TOKEN)
    return Usage(input=asked, output=tokens, image_output=tokens, units={"images": float(count)}, estimated=True)


def image_count(said: object) -> int:
    """How many; one where nothing that can be read was said."""
    return max(1, min(MOST_IMAGES, int(_number(said, 1))))


def image_tokens(fields: Json) -> int:
    """Of all of them, at most."""
    size = _SIZE.fullmatch(str(fields.get("size")))
    megapixels = LARGEST_USUAL if size is None else int(size[1]) * int(size[2]) / MEGAPIXEL
    each = IMAGE_TOKENS.get(str(fields.get("quality")), IMAGE_TOKENS["high"])
    partial = PARTIAL_TOKENS * int(_number(fields.get("partial_images"), 0))
    return image_count(fields.get("n")) * (math.ceil(each * megapixels) + max(0, partial))


def _number(said: object, usual: float) -> float:
    """Fields of forms are texts; what is none is refused by the provider."""
    try:
        number = float(said)  # type: ignore[arg-type]  # whatever it is: it is tried
    except (TypeError, ValueError):
        return usual
    return number if math.isfinite(number) else usual
