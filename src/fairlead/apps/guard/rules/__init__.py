"""What issuers' secrets look like: one TOML file each, ours in `issuers`, other people's by path.

`model` is a rule, `loading` reads our files, `gitleaks` reads those of gitleaks and betterleaks.
"""
