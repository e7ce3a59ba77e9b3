"""A service: a program that Fairlead runs, and how."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fairlead.stack import apps
from fairlead.stack.model.base import Command, Cron, EnvName, Model, Name, Scalar, shorthand
from fairlead.stack.model.network import Expose, Ports, Probes, Traffic
from fairlead.stack.model.objectives import Objectives
from fairlead.stack.model.release import ReleasePolicy
from fairlead.stack.model.resources import Hardening, Logs, Placement, Resources, Restart, Scale, Stopping, Volume


class Build(Model):
    """How an image is built."""

    context: str = "."
    """Directory sent to the builder, beside the stack file."""

    dockerfile: str | None = None
    """Dockerfile inside the context; one is generated when there is none."""

    target: str | None = None
    """Stage of a multi-stage Dockerfile."""

    args: dict[str, str] = Field(default_factory=dict)
    """Build arguments; never secrets."""

    language: Literal["python", "node", "go", "rust", "static"] | None = None
    """What a generated Dockerfile is for; guessed from the files when left out."""

    image: str | None = None
    """Name under which the image is pushed, without tag."""


class Need(Model):
    """Something that has to be there first."""

    name: Name
    """A service or a store of this stack."""

    condition: Literal["ready", "started"] = "ready"
    """What is waited for."""

    env: EnvName | None = None
    """The variable that holds its address. Default: the name in capitals and `_URL`."""

    port: Name | None = None
    """The port of a service that is meant; its first one when left out."""


def _context(value: Any) -> Any:
    return {"context": value} if isinstance(value, str) else value


def _fixed(value: Any) -> Any:
    return {"min": value, "max": value} if type(value) is int else value


def _named(value: Any) -> Any:
    return [{"name": need} if isinstance(need, str) else need for need in value] if isinstance(value, list) else value


class Service(Model):
    """A program and how it runs. Exactly one of `uses`, `command` (with no image), `build`, `image` says what it is."""

    description: str = ""
    """One sentence for people."""

    uses: Literal["hub", "guard", "market", "optimizer"] | None = None
    """One of Fairlead's own apps. Its ports, probes and data are known; what is written here goes before."""

    settings: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The configuration of the app named by `uses`, or of a program that reads the file named by `FAIRLEAD_CONFIG`."""

    command: Command | None = None
    """The program and its arguments; replaces an image's own command."""

    image: str | None = None
    """An image to run, with a tag or a digest."""

    build: Annotated[Build | None, shorthand(_context, Build | str | None)] = None
    """An image to build: a context directory, or a mapping."""

    directory: str = "."
    """Where the program runs, beside the stack file."""

    snapshot: bool | None = None
    """Whether each version gets its own copy of `directory`, so that an older one can come back as it was.
    Default: yes when `directory` is given, no when it is the stack's own folder."""

    ignore: list[str] = Field(default_factory=list)
    """Globs left out of the snapshot, beside `.git`, `.venv`, `node_modules/.cache`, `__pycache__` and `.fairlead`."""

    environment: dict[EnvName, Scalar] = Field(default_factory=dict)
    """Environment variables. Values that are secret go under `secrets`."""

    secrets: dict[EnvName, Name] = Field(default_factory=dict)
    """Environment variables whose values are secrets of this stack: variable -> secret."""

    ports: Ports = Field(default_factory=dict)
    """Ports by name; a bare number is a port of the protocol its name says (`http`, `grpc`, `metrics`), else HTTP."""

    probes: Probes = Probes()
    """How an instance is asked how it does."""

    resources: Resources = Resources()
    """What one instance may use."""

    scale: Annotated[Scale, shorthand(_fixed, Scale | int)] = Scale()
    """How many instances there are; a bare number is a fixed one."""

    needs: Annotated[list[Need], shorthand(_named, list[Need | Name])] = Field(default_factory=list)
    """What has to be there first; its address is put in the environment."""

    volumes: dict[Name, Volume] = Field(default_factory=dict)
    """Directories that outlive instances and versions."""

    expose: list[Expose] = Field(default_factory=list)
    """Ways in from outside. Without one, only other services and this machine reach it."""

    traffic: Traffic = Traffic()
    """What the router does to requests on the way."""

    objectives: Objectives = Objectives()
    """Promises to users."""

    release: ReleasePolicy = ReleasePolicy()
    """How a new version gets in."""

    restart: Restart = Restart()
    """What happens when an instance ends by itself."""

    stop: Stopping = Stopping()
    """How an instance is asked to end."""

    logs: Logs = Logs()
    """What is kept of the output."""

    placement: Placement = Placement()
    """Where instances may be."""

    hardening: Hardening = Hardening()
    """What a container or a unit is denied."""

    schedule: Cron | None = None
    """Run at these times and end, instead of running all the time."""

    profiles: list[Name] = Field(default_factory=list)
    """Run only when one of these profiles is asked for (`fairlead up --profile NAME`)."""

    labels: dict[str, str] = Field(default_factory=dict)
    """Labels for people and tools."""

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, data: Any) -> Any:
        """An app's own ports, probes and data, where the file says nothing else."""
        return apps.completed(data)
