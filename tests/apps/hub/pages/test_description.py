"""What the hub says of itself: complete, valid, and loaded from nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest

from fairlead.apps.hub import config
from fairlead.apps.hub.pages import html, reference
from fairlead.apps.hub.pages.forms import LimitForm
from fairlead.apps.hub.pages.joining import ENDPOINTS
from fairlead.apps.hub.pages.keys import Fields
from fairlead.apps.hub.pages.openapi import document
from fairlead.apps.hub.pages.protocols import PROTOCOLS
from fairlead.apps.hub.pages.teams import TeamForm
from fairlead.apps.hub.shapes import SHAPES

from .conftest import Starts

SAID = document(ENDPOINTS.all)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method, what is said."""
    for path, methods in SAID["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_place_of_every_protocol_and_every_endpoint_is_described() -> None:
    """Also those of a protocol that nobody has put in words; and none is in words that is not there."""
    told = {(method.upper(), path) for path, method, _ in operations()}
    served = {(place.method, place.path) for name in SHAPES for place in SHAPES.get(name).places}
    assert served <= told
    assert {(one.method, one.path) for one in ENDPOINTS.all} <= told
    assert set(PROTOCOLS) <= set(SHAPES)


def test_the_document_holds_together() -> None:
    """Ids are unique, references lead somewhere, schemas are schemas, what stands in a path is a parameter."""
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    for schema in SAID["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for place in re.findall(r"'\$ref': '([^']*)'", str(SAID)):
        assert place.rpartition("/")[2] in SAID["components"]["schemas"], place
    for path, _, operation in operations():
        for one in operation.get("parameters", []):
            if "default" in one["schema"]:
                jsonschema.validate(one["schema"]["default"], one["schema"])
        named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))
        for scheme in operation["security"]:
            assert set(scheme) <= set(SAID["components"]["securitySchemes"])


@pytest.mark.parametrize(
    ("form", "part", "apart"),
    [(LimitForm, config.Limit, set()), (TeamForm, config.Team, set()), (Fields, config.Key, {"sha256"})],
)
def test_forms_are_those_of_the_configuration(form: Any, part: Any, apart: set[str]) -> None:
    """What may be said there may be said here."""
    assert set(form.model_fields) == set(part.model_fields) - apart


class Links(HTMLParser):
    """Everything that a page would load or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str | None] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        self.tags.add(tag)
        said = dict(attrs)
        self.loads += [value for name in ("src", "srcset", "data") if (value := said.get(name))]
        if "id" in said:
            assert said["id"] not in self.ids, said["id"]
            self.ids.add(said["id"])
        if (href := said.get("href") or "").startswith("#"):
            self.anchors.add(href[1:])


def test_the_page_loads_nothing_and_leads_to_all_of_it() -> None:
    """No script, no font, no picture; every link within it ends somewhere."""
    page = html.docs(SAID)
    links = Links()
    links.feed(page)
    assert not links.loads
    assert not links.tags & {"script", "link", "img", "iframe"}
    assert "url(" not in page
    assert "@import" not in page
    assert links.anchors <= links.ids
    assert {operation["operationId"] for _, _, operation in operations()} <= links.ids


def test_what_stands_in_a_page_is_written_as_text() -> None:
    """The host of a request, for one."""
    said = {"name": "<b>", "version": "1", "what": "x", "try": "<script>", "docs": "/", "openapi": "/", "models": "/"}
    assert "<script>" not in html.welcome(said | {"health": "/"})


async def test_pages_are_served_to_people_and_to_programs(starts: Starts) -> None:
    """Without a key; the style is the one that the browser is told to take."""
    running = await starts()
    for client in (running.public, running.private):
        told = await client.get("/", headers={"accept": "*/*"})
        assert told.json()["docs"] == "/docs"
        told = await client.get("/", headers={"accept": "text/html,*/*"})
        assert told.headers["content-type"].startswith("text/html")
        assert (await client.get("/openapi.json")).json() == SAID
        told = await client.get("/docs")
        assert "/admin/keys/{name}/rotate" in told.text
        assert told.headers["content-security-policy"] == html.POLICY
        assert (await client.get("/nothing")).status_code == 404
    host = (await running.public.get("/", headers={"host": "<script>", "accept": "text/html"})).text
    assert "<script>" not in host


def test_the_reference_names_every_endpoint() -> None:
    """That it is fresh in the docs, `make check` looks after."""
    text = reference.markdown()
    assert all(f"`{one.method} {one.path}`" in text for one in ENDPOINTS.all)
    assert all(name in text for name in ("overlap", "cost_usd", "anthropic.com"))
