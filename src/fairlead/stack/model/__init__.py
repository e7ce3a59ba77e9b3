"""The stack file as data, one concept a file; `Stack` is the whole of it."""

from fairlead.stack.model.stack import Stack

__all__ = ["Stack"]
