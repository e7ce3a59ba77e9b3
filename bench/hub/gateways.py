"""What is measured: the hub, and plain proxies that do nothing but pass on, as a limit of what can be reached."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.hub.programs import LAST_CORE, Program, free_port

KEY = "sk-fl-" + "made-up-for-the-benchmark"
MODEL = "gpt-4o-mini"
PATH = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that runs: where it is asked, and how."""

    name: str
    program: Program
    port: int
    path: str = PATH
    model: str = MODEL
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """Of every request."""
        return {"content-type": "application/json", "authorization": f"Bearer {KEY}"} | dict(self.headers)

    def body(self, *, stream: bool = False, model: str | None = None) -> bytes:
        """A request of about 1 KB."""
        messages = [
            {"role": "system", "content": "You are helpful. " * 20},
            {"role": "user", "content": "What is the answer? " * 30},
        ]
        asked = {"model": model or self.model, "messages": messages, "max_tokens": 100, "temperature": 0.7}
        return json.dumps(asked | ({"stream": True} if stream else {}), separators=(",", ":")).encode()


Start = Callable[[Path, int], Gateway]
"""Given a folder of its own and the port of the upstream."""


COMPILED = Path("build/compiled/package")
"""A wheel of this checkout with the compiled hot path in it, unpacked: `make compiled`."""


def hub(folder: Path, upstream: int) -> Gateway:
    """With all that is on by default: key check, limits and a budget, routing, prices, ledger, counters, cache."""
    return _hub("hub", folder, upstream)


def hub_compiled(folder: Path, upstream: int) -> Gateway:
    """The same, as it is in the wheels for this platform."""
    if not COMPILED.is_dir():
        raise RuntimeError("it is not built: `make compiled`")
    return _hub("hub-compiled", folder, upstream, PYTHONPATH=str(COMPILED.absolute()))


def _hub(name: str, folder: Path, upstream: int, **environ: str) -> Gateway:
    folder.mkdir(parents=True, exist_ok=True)
    port, file, address = free_port(), folder / "hub.json", f"http://127.0.0.1:{upstream}/v1"
    key = {
        "sha256": hashlib.sha256(KEY.encode()).hexdigest(),
        "team": "bench",
        "limits": [{"usd": 1_000_000, "per": "month"}, {"requests": "1000000000/m"}],
    }
    file.write_text(
        json.dumps(
            {
                "providers": {"openai": {"url": address}, "slow": {"kind": "openai", "url": address, "cool_down": 0}},
                "models": {MODEL: f"openai/{MODEL}"} | {name: late(name) for name in ("stall", "halt")},
                "teams": {"bench": {"limits": [{"usd": 5_000_000, "per": "month"}]}},
                "keys": {"bench": key},
            }
        )
    )
    argv = [sys.executable, "-m", "fairlead.apps.hub.main", "--config", str(file), "--port", str(port)]
    argv += ["--folder", str(folder / "state")]
    program = Program(argv, folder, core=LAST_CORE, OPENAI_API_KEY="made-up", **environ)
    program.ready(f"http://127.0.0.1:{port}/")
    return Gateway(name, program, port)


def late(name: str) -> dict[str, object]:
    """A model that never ends its answer, and the patience that is had with it."""
    return {"targets": [f"slow/{name}"], "retries": 0, "timeouts": {"first_token": "2s", "between_tokens": "2s"}}


NGINX = """worker_processes 1; daemon off; error_log {folder}/error.log; pid {folder}/pid;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream mock {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    location / {{ proxy_pass http://mock; }}
  }}
}}
"""


def nginx(folder: Path, upstream: int) -> Gateway:
    """As a plain proxy with one worker."""
    return _proxy("nginx", NGINX, folder, upstream, ["-c", "{file}", "-p", "{folder}"])


HAPROXY = """global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout client 10m
  timeout server 10m
  timeout connect 5s
listen all
  bind 127.0.0.1:{port}
  http-reuse always
  server mock 127.0.0.1:{upstream} pool-max-conn -1
"""


def haproxy(folder: Path, upstream: int) -> Gateway:
    """As a plain proxy with one thread."""
    return _proxy("haproxy", HAPROXY, folder, upstream, ["-db", "-f", "{file}"])


def _proxy(name: str, form: str, folder: Path, upstream: int, arguments: list[str]) -> Gateway:
    binary = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        raise RuntimeError(f"{name} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    port, file = free_port(), folder / f"{name}.conf"
    file.write_text(form.format(folder=folder, upstream=upstream, port=port))
    argv = [binary, *(one.format(file=file, folder=folder) for one in arguments)]
    program = Program(argv, folder, core=LAST_CORE)
    program.ready(f"http://127.0.0.1:{port}/health")
    return Gateway(name, program, port)


PLAIN: Mapping[str, Start] = {"nginx": nginx, "haproxy": haproxy, "hub": hub, "hub-compiled": hub_compiled}
