"""The tiny process beside each instance: it starts it, keeps its log, ends all of it, and remembers how it ended.

It outlives the engine, so that the engine can be killed at any moment and find everything again. It is the one
program here that runs once for every instance, so its modules import next to nothing: no asyncio, no subprocess, no
pathlib, and `_signal` and `_ctypes` without the modules built on them, which would cost 1 MB more in every shim.
"""
