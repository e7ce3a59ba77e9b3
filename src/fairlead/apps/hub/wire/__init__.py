"""HTTP/1.1 on both sides, in callbacks: a request that is only passed on costs no task, no future and no copy.

`server` reads clients' requests and hands each on as an `exchange`; `upstream` asks providers over connections that
`pool` keeps. The parser is httptools (llhttp, the one of Node.js), which refuses what could be read in two ways.
"""
