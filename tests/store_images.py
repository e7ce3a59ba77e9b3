"""Images of the servers installed here, for tests, with the conventions of the official ones that we rely on.

PostgreSQL (https://hub.docker.com/_/postgres): the entry point makes a cluster in PGDATA when there is none, with the
password in POSTGRES_PASSWORD_FILE, tries it with a server that listens nowhere, and only then starts the one asked for.
Redis (https://hub.docker.com/_/redis): what is given is what runs. Both have a user 999, and run as any other.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path

from tests import images

USER = 999

POSTGRES_STARTS = """\
#!/bin/sh
set -e
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chmod 00700 "$PGDATA" || :
    eval "initdb --username=postgres --pwfile=$POSTGRES_PASSWORD_FILE $POSTGRES_INITDB_ARGS -D $PGDATA"
    PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    export PGPASSWORD
    shift
    pg_ctl -D "$PGDATA" -o "$* -c listen_addresses='' -p 5432" -w start
    psql -v ON_ERROR_STOP=1 --no-psqlrc --username postgres -c 'SELECT 1' postgres
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
    set -- postgres "$@"
    echo 'PostgreSQL init process complete; ready for start up.'
fi
exec "$@"
"""

REDIS_STARTS = '#!/bin/sh\nset -e\nexec "$@"\n'


def ensure() -> dict[str, str]:
    """Make both; usual name -> the image with its tag."""
    return {"postgres": postgres_image(), "redis": redis_image()}


@cache
def postgres_image() -> str:
    """The newest PostgreSQL of this machine, as `postgres:<major>`."""
    bin_folder = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    major = bin_folder.parent.name
    programs = [bin_folder / name for name in ("postgres", "initdb", "pg_ctl", "psql")]
    modules = sorted((bin_folder.parent / "lib").glob("[!l]*.so"))  # without the compiler, which is large
    folders = [Path(f"/usr/share/postgresql/{major}"), Path("/usr/share/zoneinfo"), Path("/usr/lib/locale/C.utf8")]
    settings = f"ENV PATH={bin_folder}:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data\nEXPOSE 5432\n"
    wanted = [*modules, *folders]
    return _made(f"postgres:{major}", "postgres", programs, wanted, POSTGRES_STARTS, f'{settings}CMD ["postgres"]\n')


@cache
def redis_image() -> str:
    """The Redis of this machine, as `redis:<major>`."""
    program = Path(str(shutil.which("redis-server")))
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"v=(\d+)", said)
    assert major
    settings = 'WORKDIR /data\nEXPOSE 6379\nCMD ["redis-server"]\n'
    return _made(f"redis:{major[1]}", "redis", [program.resolve()], [], REDIS_STARTS, settings, named=program.name)


def _made(
    name: str, user: str, programs: list[Path], beside: list[Path], entry: str, settings: str, named: str = ""
) -> str:
    """Build it, with the programs, every library that they load, and a user of their own."""
    with io.BytesIO() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            text = f'FROM {images.debian_image()}\nCOPY root /\n{settings}ENTRYPOINT ["docker-entrypoint.sh"]\n'
            _text(archive, "Dockerfile", text)
            for path in programs:
                archive.add(path, f"root/usr/bin/{named}" if named else f"root{path}")
            for path in [*beside, *_libraries([*programs, *[path for path in beside if path.suffix == ".so"]])]:
                archive.add(path.resolve(), f"root{_merged(path)}")
            passwd = images.FILES["etc/passwd"] + f"{user}:x:{USER}:{USER}::/nonexistent:/bin/sh\n"
            _text(archive, "root/etc/passwd", passwd)
            _text(archive, "root/usr/local/bin/docker-entrypoint.sh", entry, 0o755)
        built = subprocess.run(
            ["docker", "build", "--quiet", "--label", f"{images.LABEL}=server", "--tag", name, "-"],
            input=context.getvalue(),
            capture_output=True,
            env={"DOCKER_BUILDKIT": "0", "PATH": "/usr/local/bin:/usr/bin:/bin"},
        )
    assert built.returncode == 0, built.stderr.decode()
    return name


def _merged(path: Path) -> str:
    """Where a path of this machine is in an image whose /lib is a link into /usr."""
    return f"/usr{path}" if path.parts[1] in images.MERGED else str(path)


def _libraries(programs: list[Path]) -> set[Path]:
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True).stdout
    return {Path(path) for path in re.findall(r"(?:=> |^\s+)(/\S+)", said, flags=re.MULTILINE)}


def _text(archive: tarfile.TarFile, name: str, text: str, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text), mode
    archive.addfile(member, io.BytesIO(text.encode()))
