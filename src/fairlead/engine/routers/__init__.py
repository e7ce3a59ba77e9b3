"""Routers: Envoy, which carries real requests, and a twin in memory for tests."""
