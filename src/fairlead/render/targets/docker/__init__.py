"""Dockerfiles for what the stack builds, and for Fairlead's own apps; `docker buildx bake` builds them all.

Each service without an image has a folder with its `Dockerfile` (stages `builder`, `development`, `test`, `production`
by its language) and a `Dockerfile.dockerignore` beside it; a Dockerfile in the service's own directory goes before.
Apps of ours run from one image, which `fairlead/` builds from the published package. Bake is run beside the stack file
(`docker buildx bake -f rendered/docker/docker-bake.json`); `HERE` leads from there to this folder, `VERSION` and
`REVISION` tell what is built, and `--provenance=mode=max --sbom=true` attest it where the builder can.

Containers run as `hardening.user` (1001) with a root that may be read-only; the init process is the runtime's own
(`docker run --init`, `init: true` in Compose). Base images take a digest where `docker.images` gives one
(`python: python@sha256:…`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fairlead import __version__
from fairlead.dockerfile import Subject, dockerfile, dockerignore, published
from fairlead.errors import RuntimeFailure
from fairlead.render.leaves import left_out
from fairlead.render.parts.images import OWN, is_built
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.docker.bake import bake
from fairlead.render.targets.docker.leaving import LEFT_OUT, unsupported
from fairlead.stack.model.service import Service

DOCKERFILE = "Dockerfile"


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """A folder for each image, and the bake file."""
    yield from left_out(scene.stack, LEFT_OUT)
    yield from unsupported(scene.stack)
    texts: dict[str, str] = {}
    for name, service in scene.stack.services.items():
        if not is_built(service) or has_own(scene, name, service):
            continue
        try:
            texts[name] = dockerfile(Subject(name, service, scene.listing(name), bases(scene)))
        except RuntimeFailure as failure:
            yield Unsupported(f"services.{name}", f"{failure}; the bake file takes the Dockerfile that will be there")
    if any(service.uses for service in scene.stack.services.values()):
        texts[OWN] = published(__version__, bases(scene))
    yield from _files(scene, texts)


def bases(scene: Scene) -> Mapping[str, str]:
    """Names of base images that replace the usual ones."""
    return {**scene.stack.docker.images, **scene.images}


def has_own(scene: Scene, name: str, service: Service) -> bool:
    """Whether the service's directory has a Dockerfile."""
    named = service.build.dockerfile if service.build else None
    return bool(named) or DOCKERFILE in scene.listing(name)


def _files(scene: Scene, texts: Mapping[str, str]) -> Iterator[File]:
    for name, text in texts.items():
        yield File(f"{name}/{DOCKERFILE}", text)
        yield File(f"{name}/{DOCKERFILE}.dockerignore", _ignored(scene, name))
    yield File("docker-bake.json", bake(scene, texts))


def _ignored(scene: Scene, name: str) -> str:
    service = scene.stack.services.get(name)
    if service is None or service.uses:
        return "*\n"
    return dockerignore(service, scene.stack, service.build.context if service.build else service.directory)


TARGETS.register("docker")(
    Target("Dockerfiles by language, and a bake file that builds them all", render, ("hadolint", "checkov-dockerfile"))
)
