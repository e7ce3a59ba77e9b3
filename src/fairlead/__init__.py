"""Fairlead takes LLM services to production and keeps them there."""

__version__ = "0.1.0"
