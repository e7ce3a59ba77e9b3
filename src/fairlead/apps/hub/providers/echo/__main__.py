"""The echo alone: `python -m fairlead.apps.hub.providers.echo --port 9000`, until it is told to end."""

from __future__ import annotations

import asyncio
import signal

import click
import uvloop

from fairlead.apps.hub.providers.echo.server import Server


@click.command()
@click.option("--port", default=9000, help="0: any that is free.")
@click.option("--host", default="127.0.0.1")
def main(port: int, host: str) -> None:
    """Answer every protocol of the hub with what was said; /counts tells what was served."""
    uvloop.run(_run(port, host))


async def _run(port: int, host: str) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    server = await Server.started(port, host)
    click.echo(f"echo listens at {server.address}")
    await ended.wait()
    await server.stop()


if __name__ == "__main__":
    main()
