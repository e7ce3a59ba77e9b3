"""Benchmarks: what Fairlead promises, measured under load beside its limit. `python -m bench` lists them."""
