"""The description as a page: HTML and a style, nothing else. No script, no font, nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from fairlead.apps.hub.calls import Json

STYLE = (Path(__file__).parent / "page.css").read_text()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""A browser loads nothing but this very style."""


def welcome(said: Json) -> str:
    """What this is, in a few lines."""
    links = "".join(
        f'<li><a href="{escape(said[name])}">{escape(said[name])}</a> {words}</li>'
        for name, words in (
            ("docs", "what can be asked"),
            ("openapi", "the same for programs"),
            ("models", "the models that your key may ask"),
            ("health", "how it is"),
        )
    )
    body = (
        f"<main class=narrow><h1>{escape(said['name'])} <small>{escape(said['version'])}</small></h1>"
        f"<p>{escape(said['what'])}</p><pre>{escape(said['try'])}</pre><ul>{links}</ul></main>"
    )
    return page(said["name"], body)


def docs(document: Json) -> str:
    """The whole description."""
    groups = grouped(document)
    info, schemas = document["info"], document["components"]["schemas"]
    nav = "".join(f'<li><a href="#{anchor(tag)}">{escape(tag)}</a></li>' for tag in groups)
    sections = "".join(
        f'<section id="{anchor(tag)}"><h2>{escape(tag)}</h2>{_source(operations)}'
        + "".join(_operation(*one, schemas) for one in operations)
        + "</section>"
        for tag, operations in groups.items()
    )
    schemes = "".join(_scheme(name, one) for name, one in document["components"]["securitySchemes"].items())
    body = (
        f"<nav><a href='/'>{escape(info['title'])}</a><ul>{nav}<li><a href='#keys'>Keys</a></li></ul>"
        f"<p><a href='/openapi.json'>openapi.json</a></p></nav>"
        f"<main><h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1><p>{escape(info['summary'])}."
        f"</p>{sections}<section id=keys><h2>Keys</h2><dl>{schemes}</dl></section></main>"
    )
    return page(f"{info['title']}: what can be asked", body)


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>{body}</body></html>'
    )


def grouped(document: Json) -> dict[str, list[tuple[str, str, Json]]]:
    """Tag -> its operations: method, path, what is said of it."""
    groups: dict[str, list[tuple[str, str, Json]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append((method.upper(), path, operation))
    return groups


def marked(words: str) -> str:
    """Words with code between backticks."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(words))


def anchor(tag: str) -> str:
    """Where a tag's section is."""
    return "-".join(re.findall(r"\w+", tag.lower()))


def _source(operations: list[tuple[str, str, Json]]) -> str:
    urls = dict.fromkeys(one["externalDocs"]["url"] for _, _, one in operations if "externalDocs" in one)
    return "".join(f'<p class=source>Its own page: <a href="{escape(url)}">{escape(url)}</a></p>' for url in urls)


def _operation(method: str, path: str, operation: Json, schemas: Json) -> str:
    words = f"<p>{marked(operation['description'])}</p>" if "description" in operation else ""
    key = "" if operation["security"] else "<p class=free>Needs no key.</p>"
    return (
        f"<details id={operation['operationId']}><summary><b class={method.lower()}>{method}</b> "
        f"<code>{escape(path)}</code> <span>{escape(operation['summary'])}</span></summary>{words}{key}"
        f"{_parameters(operation, schemas)}{_body(operation, schemas)}{_answers(operation, schemas)}</details>"
    )


def _parameters(operation: Json, schemas: Json) -> str:
    rows = "".join(
        _row(one["name"], one["schema"], one.get("description", ""), one["required"], schemas)
        for one in operation.get("parameters", [])
    )
    return f"<h4>Parameters</h4><table>{rows}</table>" if rows else ""


def _body(operation: Json, schemas: Json) -> str:
    sent = operation.get("requestBody", {}).get("content", {})
    return "".join(f"<h4>Sent <code>{kind}</code></h4>{_fields(one['schema'], schemas)}" for kind, one in sent.items())


def _answers(operation: Json, schemas: Json) -> str:
    return "".join(
        f"<h4>{escape(status) if status != 'default' else 'Otherwise'} "
        f"<small>{escape(answer['description'])}</small></h4>"
        + "".join(
            f"<p><code>{kind}</code></p>{_fields(one['schema'], schemas)}"
            for kind, one in answer.get("content", {}).items()
        )
        for status, answer in operation["responses"].items()
    )


def _fields(schema: Json, schemas: Json) -> str:
    found = resolved(schema, schemas)
    required = found.get("required", [])
    rows = "".join(
        _row(name, one, one.get("description", ""), name in required, schemas)
        for name, one in found.get("properties", {}).items()
    )
    return f"<table>{rows}</table>" if rows else ""


def _row(name: str, schema: Json, words: str, required: bool, schemas: Json) -> str:
    inner = next((_fields(one, schemas) for one in objects(schema, schemas)), "")
    mark = "<sup title='has to be there'>*</sup>" if required else ""
    return (
        f"<tr><th><code>{escape(name)}</code>{mark}</th><td class=type>{escape(kind_of(schema, schemas))}</td>"
        f"<td>{marked(words)}{_default(schema)}{inner}</td></tr>"
    )


def _default(schema: Json) -> str:
    said = schema.get("default")
    return f" <i>{escape(msgspec.json.encode(said).decode())} when left out</i>" if said not in (None, [], "") else ""


def objects(schema: Json, schemas: Json) -> Iterator[Json]:
    """The objects within, that have fields of their own."""
    found = resolved(schema, schemas)
    if found.get("properties"):
        yield found
    for one in (*found.get("anyOf", []), *([found["items"]] if "items" in found else [])):
        yield from objects(one, schemas)


def resolved(schema: Json, schemas: Json) -> Json:
    """What a reference stands for."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = schemas[name] if name else schema
    return found


def kind_of(schema: Json, schemas: Json) -> str:
    """`string`, `list of objects`, `one of …`."""
    found: Any = resolved(schema, schemas)
    if "enum" in found:
        return " | ".join(str(one) for one in found["enum"])
    if "const" in found:
        return str(found["const"])
    if "anyOf" in found:
        kinds = dict.fromkeys(kind_of(one, schemas) for one in found["anyOf"])
        return " or ".join(kind for kind in kinds if kind != "null")
    if found.get("type") == "array":
        return f"list of {kind_of(found.get('items', {}), schemas)}"
    return str(found.get("format") or found.get("type") or "anything")


def _scheme(name: str, scheme: Json) -> str:
    where = f"{scheme['name']}: …" if scheme["type"] == "apiKey" else "authorization: Bearer …"
    return (
        f"<dt><code>{escape(where)}</code> <small>{escape(name)}</small></dt><dd>{marked(scheme['description'])}</dd>"
    )
