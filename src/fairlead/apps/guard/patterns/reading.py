"""Reads a pattern in the syntax that RE2, Go and Hyperscan share. What none of them can do is named, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fairlead.apps.guard.patterns.sets import ESCAPED, LETTERED, NEWLINE, POSIX, both_cases
from fairlead.apps.guard.patterns.tree import (
    ALL_BYTES,
    EMPTY,
    At,
    Byte,
    Either,
    Group,
    Node,
    Repeat,
    Seq,
    joined,
    mask_of,
)

DEEPEST = 60
"""Parentheses within each other; more is a mistake or an attack."""
MOST_TIMES = 1000
"""RE2 refuses a repetition above this."""

_TIMES = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_FLAGS = re.compile(r"\?([imsU]*)(?:-([imsU]+))?([:)])")
_NAMED = re.compile(r"\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_POSIX = re.compile(r"\[:(\^?)([a-z]+):\]")


class PatternError(ValueError):
    """A pattern can't be read: what stands where."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What `(?ims)` has switched on."""

    caseless: bool = False
    lines: bool = False
    dot_all: bool = False


class Reader:
    """One pattern, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.depth = 0

    def fails(self, what: str) -> PatternError:
        return PatternError(f"{what} at character {self.at + 1}")

    def takes(self, token: str) -> bool:
        """Whether this comes next; if so it is read."""
        found = self.text.startswith(token, self.at)
        self.at += len(token) if found else 0
        return found

    def next(self) -> str:
        if self.at >= len(self.text):
            raise self.fails("the pattern ends in the middle")
        self.at += 1
        return self.text[self.at - 1]

    def either(self, flags: Flags) -> Node:
        """Options parted by `|`, up to the closing parenthesis or the end; flags set within hold to its end."""
        options: list[Node] = []
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.takes("|"):
                options.append(joined(tuple(parts)) if parts else EMPTY)
                parts = []
                continue
            if changed := self.changed_flags(flags):
                flags = changed
                continue
            parts.append(self.repeated(self.item(flags)))
        options.append(joined(tuple(parts)) if parts else EMPTY)
        return options[0] if len(options) == 1 else Either(tuple(options))

    def changed_flags(self, flags: Flags) -> Flags | None:
        """`(?i)` and the like, for the rest of the group."""
        found = _FLAGS.match(self.text, self.at + 1) if self.text.startswith("(?", self.at) else None
        if not found or found[3] != ")":
            return None
        self.at = found.end()
        return self.switched(flags, found[1], found[2] or "")

    def switched(self, flags: Flags, on: str, off: str) -> Flags:
        if "U" in on + off:
            raise self.fails("the flag U is not supported")
        chosen = {"i": flags.caseless, "m": flags.lines, "s": flags.dot_all}
        chosen |= dict.fromkeys(on, True) | dict.fromkeys(off, False)
        return Flags(chosen["i"], chosen["m"], chosen["s"])

    def item(self, flags: Flags) -> Node:
        """One thing that could be repeated."""
        char = self.next()
        if char == "(":
            return self.group(flags)
        if char == "[":
            return Byte(self.set(flags))
        if char == ".":
            return Byte(ALL_BYTES if flags.dot_all else ALL_BYTES & ~NEWLINE)
        if char == "^":
            return At("line-start" if flags.lines else "text-start")
        if char == "$":
            return At("line-end" if flags.lines else "text-end")
        if char == "\\":
            return self.escape(flags)
        if char in "*+?":
            raise self.fails(f"nothing to repeat before {char!r}")
        return literal(char, flags)

    def group(self, flags: Flags) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fails(f"more than {DEEPEST} parentheses within each other")
        node = self.opened(flags)
        if not self.takes(")"):
            raise self.fails("a parenthesis is not closed")
        self.depth -= 1
        return node

    def opened(self, flags: Flags) -> Node:
        """What stands within parentheses, of whichever kind they are."""
        if found := _FLAGS.match(self.text, self.at):
            self.at = found.end()
            return self.either(self.switched(flags, found[1], found[2] or ""))
        name: str | None = None
        if found := _NAMED.match(self.text, self.at):
            self.at, name = found.end(), found[1]
        elif self.takes("?"):
            self.refuses_what_backtracks()
        self.groups += 1
        number = self.groups
        return Group(self.either(flags), number, name)

    def refuses_what_backtracks(self) -> None:
        rest = self.text[self.at :]
        if rest.startswith(("=", "!", "<=", "<!")):
            raise self.fails("look-around is not supported")
        raise self.fails(f"an unknown kind of group, (?{rest[:1]}")

    def repeated(self, node: Node) -> Node:
        """The node with the repetition that follows it, if any."""
        while times := self.times():
            low, high = times
            lazy = self.takes("?")
            if self.takes("+"):
                raise self.fails("a possessive repetition is not supported")
            if max(low, high or 0) > MOST_TIMES:
                raise self.fails(f"a repetition above {MOST_TIMES}")
            node = Repeat(node, low, high, lazy)
        return node

    def times(self) -> tuple[int, int | None] | None:
        for token, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.takes(token):
                return times
        found = _TIMES.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        low = int(found[1])
        high = low if not found[2] else int(found[3]) if found[3] else None
        if high is not None and high < low:
            raise self.fails("a repetition that ends below its beginning")
        return low, high

    def escape(self, flags: Flags) -> Node:
        """What stands after a backslash, outside a set."""
        places = {"b": "word-edge", "B": "not-word-edge", "A": "text-start", "z": "text-end"}
        char = self.next()
        match char:
            case "b" | "B" | "A" | "z":
                return At(places[char])  # type: ignore[arg-type]  # the keys are exactly the places
            case "Q":
                return self.quoted(flags)
            case _ if char in LETTERED:
                return Byte(LETTERED[char])
        self.at -= 1
        return literal(chr(self.escaped()), flags)

    def quoted(self, flags: Flags) -> Node:
        end = self.text.find("\\E", self.at)
        end = len(self.text) if end < 0 else end
        chars = self.text[self.at : end]
        self.at = min(end + 2, len(self.text))
        return Seq(tuple(literal(char, flags) for char in chars))

    def escaped(self) -> int:
        """The character that an escape names."""
        char = self.next()
        if char == "x":
            return self.hexadecimal()
        if char in ESCAPED:
            return ESCAPED[char]
        if char.isdigit() and char != "0":
            raise self.fails("a back-reference is not supported")
        if char.isalnum():
            raise self.fails(f"an unknown escape, \\{char}")
        return ord(char)

    def hexadecimal(self) -> int:
        found = re.compile(r"\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})").match(self.text, self.at)
        if not found:
            raise self.fails("\\x without its digits")
        self.at = found.end()
        return int(found[1] or found[2], 16)

    def set(self, flags: Flags) -> int:
        """`[...]`, as a set of bytes."""
        inverted = self.takes("^")
        mask, first = 0, True
        while first or not self.text.startswith("]", self.at):
            mask |= self.member()
            first = False
        self.at += 1
        mask = both_cases(mask) if flags.caseless else mask
        return ALL_BYTES & ~mask if inverted else mask

    def member(self) -> int:
        """One character, range or named set within a set."""
        if found := _POSIX.match(self.text, self.at):
            self.at = found.end()
            if found[2] not in POSIX:
                raise self.fails(f"an unknown set, [:{found[2]}:]")
            return ALL_BYTES & ~POSIX[found[2]] if found[1] else POSIX[found[2]]
        if self.text.startswith("\\", self.at) and self.text[self.at + 1 : self.at + 2] in LETTERED:
            self.at += 2
            return LETTERED[self.text[self.at - 1]]
        low = self.single()
        if self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
            self.at += 1
            return self.range_to(low, self.single())
        return 1 << low

    def range_to(self, low: int, high: int) -> int:
        if high < low:
            raise self.fails("a range that ends before it begins")
        return mask_of(range(low, high + 1))

    def single(self) -> int:
        value = self.escaped() if self.takes("\\") else ord(self.next())
        if value > 127:
            raise self.fails("a character beyond ASCII in a set is not supported")
        return value


def literal(char: str, flags: Flags) -> Node:
    """One character: a byte, or the bytes that UTF-8 makes of it."""
    if ord(char) < 128:
        mask = 1 << ord(char)
        return Byte(both_cases(mask) if flags.caseless else mask)
    return Seq(tuple(Byte(1 << value) for value in char.encode("utf-8", "surrogatepass")))


def read(text: str) -> Node:
    """The tree of a pattern. Raises `PatternError`."""
    reader = Reader(text)
    node = reader.either(Flags())
    if reader.at < len(text):
        raise reader.fails("a parenthesis too many")
    return node
