"""The scanner: looks for secrets in files, archives, standard input and the history of git repositories.

`found` (words of all), `limits` <- `readers`, `windows`, `encoded`, `inline` (one content) <- `content` (looks through one)
<- `archives`, `files`, `blobs` (where contents come from) <- `walking`, `git` (which there are) <- `workers` (all of them
at once) <- `known`, `allowances` (what need not be told) <- `scan` (all of it) <- `reports` (in which words).

Nothing is left out in silence: what could not be looked through is counted, and ends a scan with an exit code of its own.
"""
