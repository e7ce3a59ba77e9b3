"""What Helm would put into a cluster, as JSON lines: install a chart against a server that writes down what it is sent.

Run by a Python that has `helm-sdkpy` (Helm itself as a library; Python 3.12): `recording.py CHART KINDS JOBS`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

SENT: list[dict[str, Any]] = []
KINDS: dict[str, dict[str, str]] = {}
"""By API version: kind -> the plural that is asked for; told as every cluster does, from what the chart holds."""


class Server(BaseHTTPRequestHandler):
    """Enough of the API of a cluster for an installation."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/version":
            self._answer({"major": "1", "minor": "34", "gitVersion": "v1.34.0"})
        elif path == "/api":
            self._answer({"kind": "APIVersions", "versions": ["v1"]})
        elif path == "/apis":
            self._answer({"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups()})
        elif (version := path.removeprefix("/apis/").removeprefix("/api/")) in KINDS:
            self._answer(_resources(version))
        else:
            self._answer(
                {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}, 404
            )

    def do_POST(self) -> None:
        self._take()

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "protobuf" in self.headers.get("Content-Type", ""):
            # the record of the release, which is Helm's own
            self._answer({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "release"}}, 201)
            return
        sent = json.loads(body)
        SENT.append(sent)
        self._answer(sent, 201)

    def _answer(self, data: Any, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def _groups() -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, str]]] = {}
    for version in KINDS:
        group, _, number = version.rpartition("/")
        if group:
            found.setdefault(group, []).append({"groupVersion": version, "version": number})
    return [{"name": name, "versions": all_, "preferredVersion": all_[0]} for name, all_ in found.items()]


def _resources(version: str) -> dict[str, Any]:
    wide = {"Namespace", "PriorityClass"}
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    resources = [
        {"name": plural, "singularName": kind.lower(), "kind": kind, "namespaced": kind not in wide, "verbs": verbs}
        for kind, plural in KINDS[version].items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def main(chart: str, kinds: str, jobs: str) -> None:
    """Install it once for each job: a namespace, and values."""
    KINDS.update(json.loads(kinds))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for job in json.loads(Path(jobs).read_text()):
        SENT.clear()
        install(chart, f"http://127.0.0.1:{server.server_address[1]}", **job)
        print(json.dumps(SENT))


def install(chart: str, server: str, namespace: str, values: dict[str, Any]) -> None:
    """As `helm install` does."""
    from helm_sdkpy import Configuration  # type: ignore[import-not-found,unused-ignore] # only on Python 3.12
    from helm_sdkpy.actions import Install  # type: ignore[import-not-found,unused-ignore] # as above

    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {}}],
        "current-context": "c",
    }
    configuration = Configuration(namespace=namespace, kubeconfig=yaml.safe_dump(config))
    asyncio.run(Install(configuration).run("tried", chart, values=values, wait=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
