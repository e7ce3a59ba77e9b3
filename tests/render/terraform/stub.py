"""A provider for Terraform that knows schemas and nothing else: validates, and lends its words to mocks.

Terraform speaks tfplugin5 (gRPC) with a provider that it did not start itself where `TF_REATTACH_PROVIDERS` says so.
The few messages that matter are written by hand; what we answer is either a schema or the request itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

SCHEMAS = Path(__file__).with_name("schemas")
LIST = 2
PREPARE, SCHEMA = "/tfplugin5.Provider/PrepareProviderConfig", "/tfplugin5.Provider/GetSchema"

SETTINGS = {
    "google": [[["project", "string", "optional"], ["region", "string", "optional"],
                ["default_labels", ["map", "string"], "optional"]], []],
    "azurerm": [[["subscription_id", "string", "optional"], ["storage_use_azuread", "bool", "optional"]],
                [["features", False, 1, [[], []]]]],
}  # fmt: skip
"""What the providers' own blocks take, of what we render."""


@contextmanager
def served(provider: str) -> Iterator[str]:
    """While it runs: the value of `TF_REATTACH_PROVIDERS`."""
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_send_message_length", -1)])
    server.add_generic_rpc_handlers((_Provider(_schema(provider)),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    known = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": address}
    try:
        yield json.dumps({f"registry.terraform.io/hashicorp/{provider}": known})
    finally:
        server.stop(None).wait()


class _Provider(grpc.GenericRpcHandler):
    """Answers by the name of the call: raw bytes in, raw bytes out."""

    def __init__(self, schema: bytes) -> None:
        self._schema = schema

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        if not details.method.startswith("/tfplugin5.Provider/"):
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, _: self._answer(details.method, request))

    def _answer(self, method: str, request: bytes) -> bytes:
        if method == SCHEMA:
            return self._schema
        return request if method == PREPARE else b""


def _schema(provider: str) -> bytes:
    """A `GetProviderSchema.Response`."""
    table = json.loads((SCHEMAS / f"{provider}.json").read_text())
    parts = [_field(1, _field(2, _block(SETTINGS[provider])))]
    for name, block in table.items():
        number, bare = (3, name.removeprefix("data.")) if name.startswith("data.") else (2, name)
        parts.append(_field(number, _field(1, bare.encode()) + _field(2, _field(2, _block(block)))))
    return b"".join(parts)


def _block(block: Any) -> bytes:
    attributes, blocks = block
    parts = [_field(2, _attribute(*one)) for one in attributes]
    for name, several, least, inner in blocks:
        nested = _field(1, name.encode()) + _field(2, _block(inner)) + _number(3, LIST) + _number(4, least)
        parts.append(_field(3, nested + (b"" if several else _number(5, 1))))
    return b"".join(parts)


def _attribute(name: str, kind: Any, mode: str) -> bytes:
    modes = {"required": (4,), "optional": (5, 6), "computed": (6,), "write-only": (5, 10)}[mode]
    return _field(1, name.encode()) + _field(2, json.dumps(kind).encode()) + b"".join(_number(m, 1) for m in modes)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
