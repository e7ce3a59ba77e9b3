"""What must hold across a stack beyond the form of each key: pure rules, one subject a file."""

from fairlead.stack.check import (  # importing a file of rules enters them in the register
    addresses,
    alerts,
    amounts,
    apps,
    canaries,
    capabilities,
    clouds,
    cluster,
    images,
    lists,
    names,
    network,
    notes,
    pipelines,
    programs,
    references,
    releases,
    scale,
    schedule,
    secrets,
    stores,
    surroundings,
)
from fairlead.stack.check.finding import RULES, Finding, Rule, rule
from fairlead.stack.model import Stack

__all__ = ["RULES", "RULE_FILES", "Finding", "Rule", "findings", "notes_on", "rule"]

RULE_FILES = (
    programs,
    images,
    amounts,
    capabilities,
    apps,
    references,
    names,
    lists,
    network,
    addresses,
    scale,
    stores,
    secrets,
    releases,
    canaries,
    cluster,
    schedule,
    clouds,
    pipelines,
    surroundings,
    alerts,
    notes,
)


def findings(stack: Stack) -> list[Finding]:
    """Everything that the rules have to say."""
    return [finding for check in RULES for finding in check(stack)]


def notes_on(stack: Stack) -> list[Finding]:
    """What is worth knowing about a stack that is right."""
    return [finding for finding in findings(stack) if finding.severity == "note"]
