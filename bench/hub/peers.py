"""The hub's peers, each installed into a folder of its own when it is first asked for, and run as its makers say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path

from bench.hub.gateways import KEY, MODEL, Gateway, Start
from bench.hub.programs import LAST_CORE, Program, free_port


def litellm(folder: Path, upstream: int) -> Gateway:
    """The proxy, with one worker, without a database."""
    python = installed(folder, "litellm[proxy]")
    port, file = free_port(), folder / "config.json"
    target = {"model": f"openai/{MODEL}", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "made-up"}
    models = [{"model_name": MODEL, "litellm_params": target}]
    file.write_text(json.dumps({"model_list": models, "litellm_settings": {"telemetry": False}}))
    argv = [str(python.parent / "litellm"), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    environ = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    program = Program(argv, folder, core=LAST_CORE, **environ)
    program.ready(f"http://127.0.0.1:{port}/health/liveliness", 120)
    return Gateway("litellm", program, port)


def sglang_router(folder: Path, upstream: int) -> Gateway:
    """As a plain load balancer over one worker."""
    python = installed(folder, "sglang-router")
    port = free_port()
    argv = [str(python), "-m", "sglang_router.launch_router", "--worker-urls", f"http://127.0.0.1:{upstream}"]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--policy", "round_robin"]
    argv += ["--prometheus-port", str(free_port()), "--log-level", "error"]
    program = Program(argv, folder, core=LAST_CORE)
    program.ready(f"http://127.0.0.1:{port}/health")
    return Gateway("sglang-router", program, port)


TENSORZERO = """
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true
[models.mock]
routing = ["mock"]
[models.mock.providers.mock]
type = "openai"
model_name = "gpt-4o-mini"
api_base = "http://127.0.0.1:{upstream}/v1/"
api_key_location = "none"
"""

TENSORZERO_RUNS = """
import signal, sys
import tensorzero

gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False)
print(gateway.base_url, flush=True)
signal.pause()
"""
"""It offers no other way to start the server without its image; its own client for OpenAI's does the same."""


def tensorzero(folder: Path, upstream: int) -> Gateway:
    """The gateway that its PyPI wheel embeds, with its own HTTP server and observability off."""
    python = installed(folder, "tensorzero", "openai")
    file, script = folder / "tensorzero.toml", folder / "run.py"
    file.write_text(TENSORZERO.format(upstream=upstream))
    script.write_text(TENSORZERO_RUNS)
    program = Program([str(python), str(script), str(file)], folder, core=LAST_CORE)
    port = _told_port(program)
    program.ready(f"http://127.0.0.1:{port}/health")
    model = "tensorzero::model_name::mock"
    return Gateway("tensorzero", program, port, path="/openai/v1/chat/completions", model=model)


PORTKEY = {
    "private": True,
    "dependencies": {"@portkey-ai/gateway": "1.15.2", "node": "22"},
    "overrides": {"@hono/node-server": "1.13.8", "hono": "4.9.7"},
}
"""With the newest @hono/node-server that it allows it can't stream ("immutable"): the headers of a response can not be
changed there any more. It is measured with the last one that lets it."""


def portkey(folder: Path, upstream: int) -> Gateway:
    """From npm, told by headers where to go, on a Node of its own."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    node = folder / "node_modules/.bin/node"
    if not node.exists():
        (folder / "package.json").write_text(json.dumps(PORTKEY))
        run([npm, "install", "--no-audit", "--no-fund"], folder)
    port = free_port()
    script = folder / "node_modules/@portkey-ai/gateway/build/start-server.js"
    program = Program(
        [str(node), str(script), "--headless", f"--port={port}"], folder, core=LAST_CORE, NODE_ENV="production"
    )
    program.ready(f"http://127.0.0.1:{port}/")
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{upstream}/v1"}
    return Gateway("portkey", program, port, headers=headers)


def installed(folder: Path, *packages: str) -> Path:
    """The Python of a virtual environment that has them."""
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv/bin/python"
    if not (folder / "installed").exists():
        venv.create(folder / "venv", with_pip=True, clear=True)
        run([str(python), "-m", "pip", "install", "--quiet", *packages], folder)
        (folder / "installed").write_text(f"{sys.version}\n{' '.join(packages)}\n")
    return python


def run(argv: list[str], folder: Path) -> None:
    """Raises `RuntimeError` with what it said."""
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv[:4])}: {done.stderr[-1000:]}")


def _told_port(program: Program) -> int:
    """Where it says that it listens."""
    for _ in range(300):
        if (found := re.search(r"http://[^:]+:(\d+)", program.log.read_text(errors="replace"))) is not None:
            return int(found[1])
        time.sleep(0.1)
    raise RuntimeError(program.log.read_text(errors="replace")[-1500:])


PEERS: Mapping[str, Start] = {
    "tensorzero": tensorzero,
    "sglang-router": sglang_router,
    "portkey": portkey,
    "litellm": litellm,
}
