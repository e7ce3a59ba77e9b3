"""What the cache adds to a request, beside what hashing its body takes alone: `python -m bench.hub.cache`.

A request of 1 KB, as of a client at temperature 0, and the same without one, which is passed over.
"""

from __future__ import annotations

import hashlib
import json
import sys
import timeit
from collections.abc import Callable

from fairlead.apps.hub.cache.cache import Cache, Miss, Request
from fairlead.apps.hub.cache.kept import Kept
from fairlead.apps.hub.cache.keys import Rules, canonical, digest

ROUNDS = 20_000
TEXT = "How far is it from the town hall to the harbour, by the old road? " * 12


def main() -> int:
    asked = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": TEXT}]}
    body = json.dumps(asked).encode()
    warm = json.dumps({name: value for name, value in asked.items() if name != "temperature"}).encode()
    cache, rules = Cache(1 << 24), Rules(b"route")
    request = Request("team a", "openai_chat", "chat", {b"content-type": b"application/json"}, body)
    miss = cache.lookup(rules, request)
    if not isinstance(miss, Miss):
        raise SystemExit("error: an empty cache has an answer")
    at, until = cache.expires(miss)
    kept = Kept([b"x" * 600], False, True, b"application/json", None, "p", "m", 0, at, until + 3600)
    cache.store(miss, kept)
    form = canonical("chat", body, False) or b""
    hashing = _us(lambda: hashlib.blake2b(form, digest_size=16).digest())
    rows = {
        "hashing the body alone": hashing,
        "the key: canonical form": _us(lambda: canonical("chat", body, False)),
        "the key: digest": _us(lambda: digest(rules, "team a", "openai_chat", "chat", {}, form)),
        "a hit, with its key": _us(lambda: cache.lookup(rules, request)),
        "a hit alone": _us(lambda: cache.near(miss, miss.key)),
        "keeping an answer": _us(lambda: cache.store(miss, kept)),
        "passed over, without a temperature": _us(lambda: cache.lookup(rules, request._replace(body=warm))),
    }
    for name, taken in rows.items():
        print(f"{name:36} {taken:6.2f} µs  {taken / hashing:5.1f} x hashing")
    return 0


def _us(work: Callable[[], object]) -> float:
    """Of one, in µs; the best of five rounds."""
    return min(timeit.repeat(work, number=ROUNDS, repeat=5)) / ROUNDS * 1e6


if __name__ == "__main__":
    sys.exit(main())
