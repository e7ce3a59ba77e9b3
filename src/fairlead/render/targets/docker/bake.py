"""The bake file: what is built from where, for which platforms and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead import __version__
from fairlead.render.parts.dumping import json_text
from fairlead.render.parts.images import OWN, image_of, is_built, repository
from fairlead.render.target import Scene
from fairlead.stack.model.service import Service

HERE = "rendered/docker"
"""From the folder of the stack file, in which bake is run, to its output: bake reads nothing from outside of it."""

STAGES = ("development", "test")


def bake(scene: Scene, texts: Mapping[str, str]) -> str:
    """The text. `texts` are the Dockerfiles that are rendered."""
    targets = dict(_targets(scene, texts))
    production = [name for name in targets if not name.endswith(STAGES)]
    groups = {"default": {"targets": production}}
    for stage in STAGES:
        if found := [name for name in targets if name.endswith(f"-{stage}")]:
            groups[stage] = {"targets": found}
    variables = {"HERE": HERE, "VERSION": scene.version, "REVISION": ""}
    return json_text(
        {
            "//": "Rendered by Fairlead from the stack file. Change that file and render again.",
            "variable": {name: {"default": value} for name, value in variables.items()},
            **({"group": groups, "target": targets} if targets else {}),
        }
    )


def _targets(scene: Scene, texts: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, service in scene.stack.services.items():
        if is_built(service):
            yield from _of_service(scene, name, service, texts.get(name))
    if OWN in texts:
        tag = next(image_of(scene, name) for name, service in scene.stack.services.items() if service.uses)
        yield (
            OWN,
            {
                "context": ".",
                "dockerfile": f"{OWN}/Dockerfile",
                "target": "production",
                "platforms": _platforms(scene, None),
                "tags": [tag],
                "args": {"VERSION": __version__, "FAIRLEAD": __version__},
            },
        )


def _of_service(scene: Scene, name: str, service: Service, text: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    build = service.build
    own = (build.dockerfile if build else None) or "Dockerfile"
    stage = {"target": build.target} if build and build.target else {"target": "production"} if text else {}
    args = {**(build.args if build else {}), **({"VERSION": "${VERSION}"} if text else {})}
    tag = repository(scene, name, service)
    yield (
        name,
        {
            "context": (build.context if build else service.directory).removeprefix("./"),
            # a Dockerfile of ours is here, one of the service's own in its directory
            "dockerfile": f"cwd://${{HERE}}/{name}/Dockerfile" if text else own,
            **stage,
            "platforms": _platforms(scene, service),
            "tags": [f"{tag}:${{VERSION}}"],
            **({"args": args} if args else {}),
            "labels": _labels(scene, service),
            "pull": scene.stack.docker.pull == "always",
        },
    )
    for other in STAGES:
        if text and f" AS {other}\n" in text:
            inherited = {"inherits": [name], "target": other, "tags": [f"{tag}:{other}"]}
            yield f"{name}-{other}", {**inherited, "platforms": []}


def _labels(scene: Scene, service: Service) -> dict[str, str]:
    """Those of the stack, and which state of the sources it was."""
    said = {**scene.stack.labels, **service.labels}
    told = {key: value.replace("${", "$${").replace("%{", "%%{") for key, value in said.items()}
    return {**told, "org.opencontainers.image.revision": "${REVISION}"}


def _platforms(scene: Scene, service: Service | None) -> list[str]:
    """What the pipeline builds for and the service may run on; images are for Linux alone."""
    pipeline = scene.stack.pipeline
    asked = [one for one in (pipeline.platforms if pipeline else []) if one.startswith("linux/")]
    placed = [f"linux/{one}" for one in service.placement.architectures] if service else []
    return list(dict.fromkeys([*asked, *placed])) or ["linux/amd64"]
