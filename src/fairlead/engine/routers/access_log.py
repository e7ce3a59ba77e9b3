"""What Envoy writes down of each request: one line of JSON on its standard output, read again by `answers`.

The query is left out, since some APIs take keys in it, and so is whatever tells clients apart but for its hash. Texts
that a client chooses are bounded: the log cuts lines of more than 32 KiB, and a cut one can't be read.
"""

from __future__ import annotations

from fairlead.engine.routers.resources import Json, extension

HTTP: Json = {
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%E6SZ)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "protocol": "%PROTOCOL%",
    "method": "%REQ(:METHOD):32%",
    "host": "%REQ(:AUTHORITY):256%",
    "path": "%PATH(NQ:ORIG_OR_PATH):2048%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%GRPC_STATUS_NUMBER%",
    "flags": "%RESPONSE_FLAGS%",
    "request_id": "%REQ(X-REQUEST-ID):128%",
    "upstream": "%UPSTREAM_CLUSTER_RAW%",
    "instance": "%UPSTREAM_HOST_NAME%",
    "address": "%UPSTREAM_HOST%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "duration_ms": "%DURATION%",
    "first_byte_ms": "%RESPONSE_DURATION%",
    "unit": "%DYNAMIC_METADATA(fairlead:unit)%",
}

COPY: Json = {**HTTP, "mirrored": True}

TCP: Json = {
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%E6SZ)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "protocol": "TCP",
    "flags": "%RESPONSE_FLAGS%",
    "upstream": "%UPSTREAM_CLUSTER_RAW%",
    "instance": "%UPSTREAM_HOST_NAME%",
    "address": "%UPSTREAM_HOST%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "duration_ms": "%DURATION%",
    "connected_us": "%COMMON_DURATION(DS_CX_BEG:US_CX_END:us)%",
}


def access_log(line: Json) -> list[Json]:
    """The log of a listener, with lines of that form."""
    return [extension("envoy.access_loggers.stdout", "stdout", log_format={"json_format": line})]
