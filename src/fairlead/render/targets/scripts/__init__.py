"""Make targets and scripts: build, test, lint, publish, deploy, rollback, backup, restore, migrate, health-check.

The scripts are the same for every stack; what they know of it is in `scripts/lib/environments/NAME.sh`. They are thin
over `fairlead`, `pg_dump`, `redis-cli`, `kubectl`, `docker` and `rclone`. Everyone tells its options by `--help` and
what it would do by `--dry-run`. Render it beside the stack file: `fairlead render scripts --out .`.

On one machine services are asked at the ports that the stack file says where these are free, as the units of the
systemd target have them; addresses of stores are read from the variables that services have. Backups are encrypted to
the public keys in `/etc/STACK/backup.recipients` (age); a copy for another region goes to a bucket named after that
region. Object storage keeps its own versions, a search server its snapshots in the repository named after the stack.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.render.leaves import left_out
from fairlead.render.parts.shell import HEADER, script
from fairlead.render.parts.shell.facts import facts
from fairlead.render.target import EXECUTABLE, TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.scripts.leaving import LEFT_OUT
from fairlead.render.targets.scripts.making import MAKEFILE

SCRIPTS = (
    "build",
    "test",
    "lint",
    "publish",
    "deploy",
    "rollback",
    "backup",
    "restore",
    "migrate",
    "health-check",
)


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """`Makefile`, `scripts/`, and the facts of every environment."""
    yield from left_out(scene.stack, LEFT_OUT)
    yield File("Makefile", HEADER + MAKEFILE)
    for name in SCRIPTS:
        yield File(f"scripts/{name}", script(name), EXECUTABLE)
    for name in ("common", "keeping"):
        yield File(f"scripts/lib/{name}.sh", script(name))
    yield File("scripts/lib/environments/default.sh", facts(scene))
    for name, inner in scene.environments_as_scenes().items():
        yield File(f"scripts/lib/environments/{name}.sh", facts(inner))


TARGETS.register("scripts")(
    Target("Make targets and scripts, from build to restore", render, ("shellcheck", "make-dry-run"))
)
