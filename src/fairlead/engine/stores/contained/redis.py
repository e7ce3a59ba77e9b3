"""Redis as a container, by the conventions of the official image (https://hub.docker.com/_/redis)."""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.launching import limits
from fairlead.engine.runtime import Container, Launch, Mount, StopPolicy
from fairlead.engine.stores import passwords
from fairlead.engine.stores.contained import CONTAINED, pinned
from fairlead.engine.stores.contained.owner import own, owner, private
from fairlead.engine.stores.redis import Redis, configuration
from fairlead.errors import StateError
from fairlead.stack.model.store import Store

USUAL = "7"
"""The version when the stack file says none."""

PORT = 6379
DATA, CONFIG = Path("/data"), "/etc/fairlead/redis.conf"


class ContainedRedis(Redis):
    """The official image with our configuration file, as a user without rights."""

    def image(self, store: Store, folder: Path) -> str:
        return f"redis:{store.version or USUAL}"

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            password = passwords.kept(folder / "password")
            text = configuration(store, folder.name, password, bind="*", port=PORT, directory=DATA)
            private(_config(folder), text, own(folder / "data"))
        except OSError as error:
            raise StateError(f"{folder}: can't be written: {error.strerror}") from error

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        user = owner(folder / "data")
        container = Container(
            image=pinned.needed(folder),
            mounts=(
                Mount("bind", str(DATA), str(folder / "data")),
                Mount("bind", CONFIG, str(_config(folder)), read_only=True),
            ),
            user=f"{user}:{user}",
            alias=folder.name,
            publish={PORT: port},
        )
        return Launch(
            id=folder.name,
            argv=("redis-server", CONFIG),
            cwd=Path(),
            environment={},
            ports={"port": PORT},
            limits=limits(store.resources),
            stop=StopPolicy(self.stop_signal, 30.0),
            container=container,
        )

    def inner_url(self, store: Store, folder: Path) -> str:
        return f"redis://:{passwords.read(folder / 'password').reveal()}@{folder.name}:{PORT}/0"


def _config(folder: Path) -> Path:
    return folder / "inside" / "redis.conf"


CONTAINED.register("redis")(ContainedRedis())
