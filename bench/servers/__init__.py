"""Servers that nobody here wrote, as services of a stack: uvicorn, Node's http, nginx, Python's http.server."""
