"""How the end of a stream of chunks looks: by `[DONE]`, which some providers never send, or by what tells it before.

The usage in an event without choices comes after the last reason to finish, so it is an end, too.
"""

from __future__ import annotations

import re

CHUNKS = re.compile(
    rb'^data: ?\[DONE\]|"finish_reason"\s*:\s*"|"choices"\s*:\s*\[\s*\][^\n]*"usage"\s*:\s*\{', re.MULTILINE
)
