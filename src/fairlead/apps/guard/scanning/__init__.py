"""The scanner: looks for secrets in files, archives, standard input and the history of git repositories.

`found` (words of all), `limits` <- `readers`, `windows`, `encoded`, `inline` <- `content` (looks through one content)
<- `expanding`, `tars`, `zips`, `archives` (contents within contents) <- `files`, `blobs` (where contents come from)
<- `jobs`, `walking`, `git` (which there are) <- `worker`, `workers` (all of them at once)
<- `fingerprints`, `baseline`, `allowances` (what need not be told) <- `scan` (all of it) <- `reports` (in which words).

Nothing is left out in silence: what could not be looked through is counted, and ends a scan with a code of its own.
"""
