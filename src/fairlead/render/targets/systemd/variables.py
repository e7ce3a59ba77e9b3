"""What units are told: variables for each service, addresses of what it needs, and which secrets have to be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from fairlead.render.parts import surroundings
from fairlead.render.parts.dumping import HEADER, SOURCE
from fairlead.render.parts.numbering import numbers
from fairlead.render.parts.shell.facts import STATE
from fairlead.render.target import File
from fairlead.render.targets.systemd.naming import Names, is_run, is_template
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Secret, Store
from fairlead.stack.variables import of_need, of_port, of_volume

HERE = "127.0.0.1"
ADDRESSES = {
    "postgres": "postgresql://127.0.0.1:5432/{database}",
    "redis": "redis://127.0.0.1:6379/0",
    "kafka": "127.0.0.1:9092",
    "elasticsearch": "http://127.0.0.1:9200",
    "opensearch": "http://127.0.0.1:9200",
    "objects": "http://127.0.0.1:9000",
}
"""Where servers listen that nobody has told otherwise."""

TRACES = {"tempo", "jaeger", "otlp"}


def files(names: Names) -> Iterator[File]:
    """For `/etc/STACK`."""
    addresses: dict[str, str] = {}
    for name, said in names.stack.services.items():
        if is_run(said):
            yield from _of_service(names, name, said)
            addresses |= dict(_addresses(names, said))
    words = (
        "Where stores and services are that are not here. Addresses with passwords: this file is readable by root only."
    )
    yield File("etc/addresses.env.example", _text(addresses, words))


def _of_service(names: Names, name: str, said: Service) -> Iterator[File]:
    every = numbers(names.stack)[name]
    ports = [{of_port(said, port): str(number) for port, number in one.items()} for one in every]
    told = surroundings.plain(names.scene, name) | {"HOST": HERE} | _folders(names, name, said)
    if said.settings:
        told[surroundings.CONFIG] = f"{names.folder}/{name}.json"
        yield File(f"etc/{name}.json", surroundings.settings(said))
    if is_template(said):
        told = {key: value for key, value in told.items() if key not in ports[0]}
        for number, one in enumerate(ports, start=1):
            yield File(f"etc/{name}-{number}.env", _text(one, f"Instance {number} of {name}."))
    else:
        told |= ports[0]
    yield File(f"etc/{name}.env", _text(told, said.description))
    if said.secrets:
        yield File(f"etc/secrets/{name}.env.example", _secrets(names, said))


def _folders(names: Names, name: str, said: Service) -> dict[str, str]:
    return {
        of_volume(said, volume): f"{'/run' if kept.temporary else STATE}/{names.stack.name}/{name}/{volume}"
        for volume, kept in said.volumes.items()
    }


def _addresses(names: Names, said: Service) -> Iterator[tuple[str, str]]:
    for need in said.needs:
        variable = of_need(need, names.stack)
        store, other = names.stack.stores.get(need.name), names.stack.services.get(need.name)
        if store is not None:
            yield variable, _of_store(store)
        elif other is not None:
            yield variable, _of_other(names, need.name, other, need.port)


def _of_store(store: Store) -> str:
    if store.external_secret:
        return ""
    if store.external:
        parts = urlsplit(store.external)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.password else store.external
    return ADDRESSES[store.kind].format(database=store.database)


def _of_other(names: Names, name: str, other: Service, port: str | None) -> str:
    picked = port or next(iter(other.ports), None)
    if picked is None or not is_run(other):  # it is somewhere else: whoever installs says where
        return ""
    number, protocol = numbers(names.stack)[name][0][picked], other.ports[picked].protocol
    return f"{HERE}:{number}" if protocol in ("grpc", "tcp") else f"http://{HERE}:{number}"


def _secrets(names: Names, said: Service) -> str:
    lines = [
        f"# Mode 0600, root only: systemd reads it before the unit's own user is there. No values in `{SOURCE}`.\n"
    ]
    for variable, secret in said.secrets.items():
        lines += [f"# {_source(secret, names.stack.secrets[secret])}\n", f"{variable}=\n"]
    return HEADER.format(source=SOURCE) + "".join(lines)


def _source(name: str, secret: Secret) -> str:
    where = (
        f"the secret manager's {secret.manager}"
        if secret.manager
        else f"the variable {secret.env}"
        if secret.env
        else f"the file {secret.file}"
        if secret.file
        else "`fairlead secrets`"
    )
    parts = [f"{name}, from {where}", f"(key {secret.key})" if secret.key else "", secret.description]
    if secret.rotate:
        parts.append(f"replaced every {secret.rotate / 86400:g} days")
    return re.sub(r"\s+", " ", " ".join(part for part in parts if part))


def _text(values: Mapping[str, str], words: str) -> str:
    about = f"# {' '.join(words.split())}\n" if words else ""
    return HEADER.format(source=SOURCE) + about + "".join(f"{key}={_value(text)}\n" for key, text in values.items())


def _value(text: str) -> str:
    """As systemd.exec(5) reads files of variables."""
    if re.fullmatch(r"[\w@%+=:,./-]*", text):
        return text
    return '"' + re.sub(r'(["\\$`])', r"\\\1", text) + '"'
