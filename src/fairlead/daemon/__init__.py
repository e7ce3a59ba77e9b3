"""The process that owns a stack, its HTTP API, and the client of that API."""
