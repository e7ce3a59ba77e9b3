"""What the hub tells of itself: metrics, a log of requests, a stream of outcomes, traces, health.

Nothing in the way of a request waits for any of it. Each part is told of a request when it has ended, does as little as
it can then, and does the rest beside.
"""
