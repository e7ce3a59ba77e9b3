"""Secrets in an env file beside the stack file, kept out of version control."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairlead.engine.secrets import envtext
from fairlead.engine.secrets.source import SOURCES, Asked, Known, Missing, Place, checked, known_by_looking
from fairlead.engine.secrets.value import Secret
from fairlead.kit.suggest import nearest
from fairlead.stack.model.store import Secret as Spec


@SOURCES.register("file")
class EnvFile:
    """A line of an env file."""

    def where(self, name: str, spec: Spec) -> str:
        return f"file {spec.file}"

    def look(self, asked: Asked, place: Place) -> Mapping[str, Secret | Missing]:
        files = {str(spec.file) for spec in asked.values()}
        contents = {file: _read(file, place.base) for file in files}
        return {name: _entry(name, spec, contents[str(spec.file)]) for name, spec in asked.items()}

    def known(self, asked: Asked, place: Place) -> Mapping[str, Known]:
        return known_by_looking(self.look(asked, place))


def _read(file: str, base: Path) -> dict[str, str] | Missing:
    try:
        return envtext.parse(envtext.decode((base / file).read_bytes()))
    except FileNotFoundError:
        return Missing(
            f"{file}: no such file", f"make {file} with NAME=value lines, and keep it out of version control"
        )
    except OSError as error:
        return Missing(f"{file}: can't be read: {error.strerror}", f"let your user read {file}")
    except envtext.EnvError as error:
        return Missing(f"{file}:{error.line}: {error.problem}", f"correct line {error.line} of {file}")


def _entry(name: str, spec: Spec, content: dict[str, str] | Missing) -> Secret | Missing:
    if isinstance(content, Missing):
        return content
    key = spec.key or name
    hint = f"add a line {key}=… to {spec.file}"
    if key not in content and (near := nearest(key.replace("-", "_"), content)):
        hint += f", or, if `{near}` is meant, set secrets.{name}.key to it"
    return checked(content.get(key), f"{spec.file}: {key}", hint)
