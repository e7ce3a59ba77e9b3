"""Who is asked, in which order: the configuration compiled into a table, and choices made from it.

Everything that is the same for many requests (addresses, heads of requests, prices) is prepared when the table is made;
what lasts beyond one table (connections, breakers, how fast a model answers) is kept in a `Standing`. Choosing is pure:
time and chance come in as arguments.
"""
