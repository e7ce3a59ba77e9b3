"""Traces of requests for OpenTelemetry, sent by OTLP over HTTP. Off, and not even imported, unless an address for them
is set: `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
"""
