"""A load on a stack from a process of its own: plain requests at a steady rate, streams and WebSockets.

It is a strict client: what a lenient one would hide by trying again (a keep-alive connection that the server closed
after a request was sent on it) counts as a failure.
"""
