"""The guard as a service: asked over HTTP whether something is a secret, with versions of its judgement that learn.

`words` (bodies), `settings` <- `storage` (what is kept: no value, keyed digests only), `judging` (versions of the
scorer, training, trials) <- `looking` (the library behind one door) <- `state` <- `routes` <- `access` (keys, limits,
headers) <- `main` (the process).
"""
