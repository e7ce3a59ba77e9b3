"""The tools, one file each; each registers itself in `CHECKERS`."""
