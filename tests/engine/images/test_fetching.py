"""Images that come from a registry: logged in, fetched as the policy says, pinned to what was fetched."""

from __future__ import annotations

import pytest
from tests.engine.images.conftest import PASSWORD, USER, Registry, Yard, docker

from fairlead.engine.journal.records import Version
from fairlead.errors import ReleaseError
from fairlead.stack.model.service import Service

pytestmark = [pytest.mark.needs_docker, pytest.mark.needs_registry, pytest.mark.timeout(180)]


def content(image: str) -> str:
    """The label that tells pushed images apart."""
    return docker("image", "inspect", "--format", "{{ .Config.Labels.content }}", image)


def declare(yard: Yard, registry: Registry, pull: str = "missing") -> None:
    """A stack with a login of its own, whose password is a secret."""
    login = {registry.host: {"user": USER, "secret": "registry-password"}}
    secrets = {"registry-password": {"env": "REGISTRY_PASSWORD"}}
    yard.declare(docker={"pull": pull, "registries": login}, secrets=secrets)


async def test_an_image_is_fetched_with_the_stacks_own_login_and_pinned(yard: Yard, registry: Registry) -> None:
    """By its digest; what is said shows how far it is, and no password."""
    image = registry.push("app:1", "first")
    declare(yard, registry)
    pinned = await yard.ensure(image=image)
    assert pinned.startswith(f"{registry.host}/app@sha256:")
    assert content(pinned) == "first"
    assert f"fetching {image}" in yard.output
    assert PASSWORD not in yard.output


async def test_the_login_of_the_docker_client_will_do(yard: Yard, registry: Registry) -> None:
    """The one that `docker login` left."""
    image = registry.push("app:1", "first")
    registry.login(yard.folder.parent / "docker")
    assert content(await yard.ensure(image=image)) == "first"


async def test_without_a_login_the_error_says_how_to_get_one(yard: Yard, registry: Registry) -> None:
    """And names the registry."""
    image = registry.push("app:1", "first")
    with pytest.raises(ReleaseError, match="can't be fetched") as caught:
        await yard.ensure(image=image)
    assert f"docker login {registry.host}" in str(caught.value.hint)


async def test_an_image_that_does_not_exist_is_told(yard: Yard, registry: Registry) -> None:
    """With what the registry answered."""
    registry.push("app:1", "first")
    declare(yard, registry)
    with pytest.raises(ReleaseError, match=r"web: \S+/app:2 can't be fetched: .*") as caught:
        await yard.ensure(image=f"{registry.host}/app:2")
    assert "pushed" in str(caught.value.hint)


async def test_a_registry_that_does_not_answer_is_told(yard: Yard, registry: Registry) -> None:
    """Nothing listens there."""
    with pytest.raises(ReleaseError, match="can't be fetched") as caught:
        await yard.ensure(image="127.0.0.1:1/app:1")
    assert "127.0.0.1:1" in str(caught.value.hint)


async def test_a_tag_that_moved_is_seen_when_the_policy_asks(yard: Yard, registry: Registry) -> None:
    """With `always` at each release; with `missing` what is here stays as it is."""
    image = registry.push("app:1", "first")
    declare(yard, registry)
    first = await yard.ensure(image=image)
    registry.push("app:2", "second")
    docker("pull", "--quiet", first)
    docker("tag", first, image)
    _move(registry, image)
    assert await yard.ensure(image=image) == first
    declare(yard, registry, pull="always")
    second = await yard.ensure(image=image)
    assert second != first
    assert (content(first), content(second)) == ("first", "second")


def _move(registry: Registry, image: str) -> None:
    """Give the tag to another image, as somebody elsewhere would."""
    client = ("--config", str(registry.folder / "client"))
    other = f"{registry.host}/app:2"
    kept = docker("image", "inspect", "--format", "{{ .Id }}", image)
    docker(*client, "pull", "--quiet", other)
    docker("tag", other, image)
    docker(*client, "push", "--quiet", image)
    docker("tag", kept, image)


async def test_an_image_that_may_not_be_fetched_has_to_be_here(yard: Yard, registry: Registry) -> None:
    """With `never` the registry is not asked."""
    image = registry.push("app:1", "first")
    declare(yard, registry, pull="never")
    with pytest.raises(ReleaseError, match="is not on this machine"):
        await yard.ensure(image=image)


async def test_a_version_gets_its_own_image_back(yard: Yard, registry: Registry) -> None:
    """By its digest, whatever its tag names by now."""
    image = registry.push("app:1", "first")
    declare(yard, registry)
    pinned = await yard.ensure(image=image)
    registry.push("app:1", "second")
    docker("image", "rm", "--force", pinned)
    spec = Service.model_validate({"image": image})
    await yard.images.check(Version("web", "v1", "digest", spec, None, 0.0, pinned), yard.say)
    assert content(pinned) == "first"
