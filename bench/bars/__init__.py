"""The benchmarks: each a module with a `TIMES` and a `measure(times) -> Figures`, found by being here."""
