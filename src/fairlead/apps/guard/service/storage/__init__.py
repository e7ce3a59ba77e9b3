"""What the service keeps: digests and figures, versions, trials, labels and hashed keys. No value, in no form."""

from __future__ import annotations


class StoreAway(Exception):
    """The database can't be asked; the message holds no value and no URL."""
