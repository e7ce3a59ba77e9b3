"""Finds what rules describe, at wire speed: an automaton says where to look, RE2 says what stands there.

`plan` (what each engine needs of a pattern) <- `automaton` (Hyperscan) and `plain` (where it is missing) <- `pack`
(all of it built, and kept on disk) <- `probe` (one rule on one text: bounds, checks) <- `whole` and `streaming`.
"""
