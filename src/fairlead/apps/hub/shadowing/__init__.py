"""Copies of prompts for another model, whose answers nobody gets but the figures.

`copying` makes a prompt harmless (nothing of it can act), `budget` says whether it may be paid, `gate` picks some and
listens to what the client gets, `errands` asks the other model afterwards, and `comparing` sets both side by side.
"""
