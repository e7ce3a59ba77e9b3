"""Small tools that know nothing of stacks."""
