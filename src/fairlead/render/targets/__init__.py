"""The targets, one file (or package) each; each registers itself in `TARGETS`."""
