"""Questions to a Postgres server on this machine, through its own client; the password goes by the environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from fairlead.engine.secrets.value import Secret

_ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks, where."""

    program: Path
    port: int
    role: str
    database: str
    password: Secret

    async def ask(self, sql: str, **variables: str) -> str | None:
        """Run SQL given on the client's standard input; `None` when all of it worked, else the first problem."""
        named = [f"--set={name}={value}" for name, value in variables.items()]
        process = await asyncio.create_subprocess_exec(
            self.program, "-X", "-w", "-q", "-t", "-v", "ON_ERROR_STOP=1", *named,
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_ANSWER_S):
                _, said = await process.communicate(sql.encode())
        except TimeoutError:
            return f"no answer within {_ANSWER_S:g} s"
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return _problem(said.decode("utf-8", "replace")) if process.returncode else None

    def _environment(self) -> dict[str, str]:
        """Nothing of ours: PGSERVICE, ~/.pgpass and the like must not lead elsewhere."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": self.role,
            "PGDATABASE": self.database,
            "PGPASSWORD": self.password.reveal(),
            "PGAPPNAME": "fairlead",
            "PGSSLMODE": "disable",
            "PGPASSFILE": os.devnull,
        }


def _problem(said: str) -> str:
    """The reason in what psql says: after the last FATAL, ERROR or "failed", on that line alone."""
    line = next((line for line in said.splitlines() if line.strip()), "")
    for mark in ("FATAL:", "ERROR:", "failed:", "error:"):
        if mark in line:
            line = line.rpartition(mark)[2]
            break
    return line.strip()[:300] or "psql ended with an error"
