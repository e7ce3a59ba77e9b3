"""Secrets in prompts and answers: found, flagged, redacted or blocked, as each route says.

`bodies` finds the words in a request or an answer, `swaps` holds what stands for what, `looking` asks who knows secrets
(the guard's library, or `service`: the guard app over HTTP); `gate` stands before a call, `screened` between an answer
and its client, `sieve` in a stream of it. A call on whose route nothing is guarded never comes here.
"""
