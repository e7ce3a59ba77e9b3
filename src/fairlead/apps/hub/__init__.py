"""The hub: one API in front of every LLM provider.

A request passes through in this order; each part is a package that knows only what stands left of it:
`calls` (what is asked and answered, whatever the protocol) <- `shapes` (protocols, in and out, pure) and `money`
(tokens, prices) <- `providers` (who answers) <- `routes` (who is asked, in which order) and `accounts` (who may ask,
and pay) <- `serving` (a call under way) <- `main`. `wire` carries bytes and knows nothing of LLMs.
"""
