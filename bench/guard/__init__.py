"""Benchmarks of the guard."""
