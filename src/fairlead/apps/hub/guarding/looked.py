"""A whole body looked through: what is found, and what stands in its places."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fairlead.apps.guard.findings import Finding
from fairlead.apps.hub.guarding.bodies import Body, Words
from fairlead.apps.hub.guarding.swaps import Swaps, spliced


def texts_of(body: Body) -> list[str]:
    """What is looked through."""
    return [words.whole for words in body.words]


def found_in(body: Body, seen: Sequence[Sequence[Finding]]) -> list[tuple[Words, list[Finding]]]:
    """The words with secrets, without what was found in their leads only."""
    found = []
    for words, findings in zip(body.words, seen, strict=True):
        lead = len(words.lead)
        if within := [one for one in findings if one.end > lead]:
            found.append((words, within))
    return found


def redact(found: Sequence[tuple[Words, list[Finding]]], swaps: Swaps) -> None:
    """Put placeholders in."""
    for words, findings in found:
        text = spliced(words.text, findings, swaps, len(words.lead))
        if words.is_json and _is_json(words.text) and not _is_json(text):
            text = json.dumps({"redacted": swaps.of(findings[0], words.text)})  # what was found reached over a value
        words.put(text)


def restore(body: Body, swaps: Swaps) -> bool:
    """Put the client's own values back; whether there were any."""
    changed = False
    for words in body.words:
        text = swaps.restored(words.text, as_json=words.is_json)
        if text != words.text:
            words.put(text)
            changed = True
    return changed


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
