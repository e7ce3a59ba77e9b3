"""What must hold across a stack beyond the form of each key: pure rules, one subject a file."""

from fairlead.stack.check.finding import RULES, Finding, Rule, rule
from fairlead.stack.model import Stack

__all__ = ["RULES", "Finding", "Rule", "findings", "rule"]


def findings(stack: Stack) -> list[Finding]:
    """Everything that the rules have to say."""
    return [finding for check in RULES for finding in check(stack)]
