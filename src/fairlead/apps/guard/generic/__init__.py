"""Passwords and keys that have no form of their own: candidates by the way they are assigned, judged by a scorer."""
