"""Streams in pieces: what each costs, and how much is held back."""

from __future__ import annotations

import time

from bench.figures import Row
from fairlead.apps.guard.library import loaded

PROSE = """
It was late in the evening when the ferry came in, and nobody on the quay had expected it any more. The harbour master
put down his cup, looked at the clock above the door and said that the wind must have turned after all. A dozen people
came ashore, most of them with nothing but a bag; one, an old woman in a green coat, asked for the way to the station.
"""
CODE = """
def sign_in(session: Session, user: str, password: str) -> Token:
    \"\"\"Ask the server for a token; the key comes from the environment (API_KEY).\"\"\"
    secret = os.environ["CLIENT_SECRET"]
    response = session.post(f"{BASE}/oauth/token", data={"username": user, "password": password, "key": secret})
    if response.status_code == 401:
        raise WrongPassword(f"the password of {user} is wrong")
    return Token(response.json()["access_token"], expires=now() + 3600)
"""
SIZES = (4, 16, 64)
BYTES = 24_000


def rows() -> list[Row]:
    """Each kind of text in pieces of each size."""
    return [_row(name, (text * (BYTES // len(text)))[:BYTES], size) for name, text in _TEXTS.items() for size in SIZES]


_TEXTS = {"prose": PROSE, "code": CODE}


def _row(name: str, text: str, size: int) -> Row:
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    spent = min(_spent(chunks) for _ in range(5))
    return {
        "pieces of": f"{name}, {size} bytes",
        "µs each": round(spent / len(chunks) * 1e6, 2),
        "automaton": round(min(_automaton(text, size) for _ in range(5)) / len(chunks) * 1e6, 2),
        "tail": round(min(_tail(text, size) for _ in range(5)) / len(chunks) * 1e6, 2),
        "held back": f"{_held(chunks):.1f} bytes",
    }


def _spent(chunks: list[str]) -> float:
    stream = loaded().stream()
    started = time.process_time()
    for chunk in chunks:
        stream.feed(chunk)
    stream.close()
    return time.process_time() - started


def _windows(text: str, size: int) -> list[bytes]:
    """What the engine has in hand at each piece: some of what was before it, and the piece."""
    data = text.encode()
    return [data[max(0, start - 200) : start + size] for start in range(0, len(data), size)]


def _automaton(text: str, size: int) -> float:
    watch = loaded().pack.automaton.watch()
    windows = _windows(text, size)
    started = time.process_time()
    for window in windows:
        watch.feed(window, 0, len(window) - size, len(window) - size)
    return time.process_time() - started


def _tail(text: str, size: int) -> float:
    tail = loaded().pack.tail
    windows = _windows(text, size)
    started = time.process_time()
    for window in windows:
        tail.search(window, max(0, len(window) - size - 4), len(window))
    return time.process_time() - started


def _held(chunks: list[str]) -> float:
    """Bytes that have come in and not gone out, on average over the pieces."""
    stream = loaded().stream()
    held = total = 0
    for chunk in chunks:
        held += len(chunk) - len(stream.feed(chunk)[0])
        total += held
    return total / len(chunks)
