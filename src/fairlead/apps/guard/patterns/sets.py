"""Named sets of bytes, as RE2 and Go define them: `\\w` and its like are ASCII."""

from __future__ import annotations

from fairlead.apps.guard.patterns.tree import ALL_BYTES, mask_of

DIGITS = mask_of(b"0123456789")
LOWER = mask_of(range(ord("a"), ord("z") + 1))
UPPER = mask_of(range(ord("A"), ord("Z") + 1))
WORD = DIGITS | LOWER | UPPER | mask_of(b"_")
SPACE = mask_of(b"\t\n\f\r ")
NEWLINE = mask_of(b"\n")
HIGH = mask_of(range(128, 256))
GRAPHIC = mask_of(range(33, 127))

LETTERED = {
    "d": DIGITS,
    "D": ALL_BYTES & ~DIGITS,
    "w": WORD,
    "W": ALL_BYTES & ~WORD,
    "s": SPACE,
    "S": ALL_BYTES & ~SPACE,
}
"""What a letter after a backslash stands for."""

POSIX = {
    "alnum": DIGITS | LOWER | UPPER,
    "alpha": LOWER | UPPER,
    "ascii": ALL_BYTES & ~HIGH,
    "blank": mask_of(b"\t "),
    "cntrl": mask_of(range(32)) | 1 << 127,
    "digit": DIGITS,
    "graph": GRAPHIC,
    "lower": LOWER,
    "print": GRAPHIC | mask_of(b" "),
    "punct": GRAPHIC & ~(DIGITS | LOWER | UPPER),
    "space": SPACE | mask_of(b"\v"),
    "upper": UPPER,
    "word": WORD,
    "xdigit": DIGITS | mask_of(b"abcdefABCDEF"),
}
"""`[[:name:]]`."""

ESCAPED = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "a": 7}


def both_cases(mask: int) -> int:
    """The set with the other case of every ASCII letter in it."""
    return mask | (mask & UPPER) << 32 | (mask & LOWER) >> 32
