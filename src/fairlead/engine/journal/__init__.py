"""What must not be forgotten: written before each effect, read again after a crash."""

from fairlead.engine.journal.database import Journal

__all__ = ["Journal"]
