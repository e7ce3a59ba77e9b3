"""For code scanning: SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from fairlead import __version__
from fairlead.apps.guard.scanning.found import Found
from fairlead.apps.guard.scanning.reports.words import sentence, unscanned
from fairlead.apps.guard.scanning.scan import Report, Telling

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
_SCORES = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}
"""As GitHub sorts them (`security-severity`)."""


def told(report: Report) -> str:
    """One run."""
    rules = {telling.found.rule: telling.found for telling in report.findings}
    driver = {
        "name": "fairlead guard",
        "version": __version__,
        "rules": [_rule(found) for _, found in sorted(rules.items())],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(telling, sorted(rules)) for telling in report.findings],
        "invocations": [
            {
                "executionSuccessful": not report.unscanned,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": f"not looked through: {line}"}}
                    for line in unscanned(report)
                ],
            }
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(found: Found) -> dict[str, Any]:
    return {
        "id": found.rule,
        "shortDescription": {"text": found.kind},
        "defaultConfiguration": {"level": _LEVELS[found.severity]},
        "properties": {"security-severity": _SCORES[found.severity], "tags": ["security", "secret"]},
    }


def _result(telling: Telling, rules: list[str]) -> dict[str, Any]:
    found = telling.found
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": rules.index(found.rule),
        "level": _LEVELS[found.severity],
        "message": {"text": sentence(telling)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(found.place.path)},
                    "region": {
                        "startLine": found.line,
                        "startColumn": found.column,
                        "endLine": found.end_line,
                        "endColumn": found.end_column,
                    },
                }
            }
        ],
        "partialFingerprints": {"secret/v1": telling.fingerprint},
        "rank": round(found.confidence * 100, 2),
    }
    if found.place.commit:
        result["properties"] = {"commit": found.place.commit}
    return result


def _uri(path: str) -> str:
    """Relative to where the scan was begun, as code scanning wants it."""
    here = os.path.relpath(path) if os.path.isabs(path) else path  # noqa: PTH117 - may be no text
    return quote(os.fsencode(here.removeprefix("./")), safe="/!")
