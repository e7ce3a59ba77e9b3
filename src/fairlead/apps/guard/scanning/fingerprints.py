"""What stands for a secret in reports, baselines and lists: equal for equal values under one key, whatever the path.

Slow on purpose (scrypt, RFC 7914): a baseline is read by everybody who can read the repository, and a short password
could be guessed from a quick hash.
"""

from __future__ import annotations

import hashlib

COST = 1 << 12
"""Of scrypt, with blocks of 8: some 10 ms and 4 MiB for each different value."""
LENGTH = 16
"""Bytes of a fingerprint."""


class Fingerprints:
    """Made under one key: the project's own, or else one that all projects share."""

    def __init__(self, key: str = "") -> None:
        self._salt = b"fairlead guard fingerprint 1 " + key.encode()
        self._known: dict[str, str] = {}

    def of(self, mark: str) -> str:
        """The fingerprint of a value by its mark."""
        known = self._known.get(mark)
        if known is None:
            digest = hashlib.scrypt(bytes.fromhex(mark), salt=self._salt, n=COST, r=8, p=1, dklen=LENGTH)
            known = self._known[mark] = digest.hex()
        return known
