"""The guard: whether something is a secret, of what kind, and how bad that is; in files, prompts and streams.

`findings` are the words of all of it. `patterns` (regular expressions as data), `checks` (what a pattern can't say) <-
`rules` (what issuers' secrets look like) <- `generic` (passwords and keys without a form) <- `engine` (finds candidates
at wire speed and checks them) <- `library` (what a program calls: scan, redact, a stream) <- the scanner, the service.
"""
