"""A call under way, from the request to the settled answer.

A request whose provider speaks its client's protocol is passed on in callbacks, byte by byte (`passing`); any other is
translated event by event (`translating`). `Flight` holds what both share: attempts, time limits, and the one
settlement. docs/explanation/hub-hot-path.md says what a request costs.
"""
