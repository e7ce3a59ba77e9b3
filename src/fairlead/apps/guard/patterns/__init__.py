"""Regular expressions as data: read from the syntax that RE2, Go and Hyperscan share, measured, cut and written again.

Two engines must agree on every byte, and a stream has to know whether a match could be under way at its end. Neither
can be asked of a string, so a pattern is read into a tree of byte sets (`tree`, `reading`), its widths are measured
(`widths`), it is trimmed to what has to match first and cut to what could still become a match (`cutting`), and it is
written out for the engines (`writing`).
"""
