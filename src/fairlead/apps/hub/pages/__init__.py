"""What the hub answers that is no call of a model: its administration, its lists of models, its description.

An administration is asked by few and seldom, so it is plain: each request is a task beside those that serve, reads and
writes the store, and what it changes is learned by every hub within a second. No request of a model waits for it.
"""
