"""Keyed hashes of secrets: equal for equal values under one key, and nothing that a value could be guessed from."""

from __future__ import annotations

import hashlib
import os

BYTES = 16
"""Of a digest: 128 bits."""


class Digests:
    """Hashes values under one key; without a key given, one of this process alone."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = (os.urandom(32) if key is None else key)[: hashlib.blake2b.MAX_KEY_SIZE]

    def of(self, value: str) -> str:
        """The digest of a value, in hexadecimal (BLAKE2b, RFC 7693, keyed)."""
        data = value.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=BYTES).hexdigest()
