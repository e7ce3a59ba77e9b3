"""The description as a page: HTML and a style, nothing else. No script, no font, nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from fairlead.apps.guard.service.describing.fields import rows, sent_schema
from fairlead.apps.guard.service.describing.openapi import Json

STYLE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}code{font:13px ui-monospace,monospace}details{border:1px solid #8886;border-radius:6px;"
    "margin:.4rem 0;padding:.3rem .8rem}summary{cursor:pointer}summary b{display:inline-block;width:3.5rem}"
    "table{border-collapse:collapse;width:100%}td{border-top:1px solid #8884;padding:.2rem .8rem .2rem 0;"
    "vertical-align:top}h2{margin-top:2rem;font-size:1.1rem}small{opacity:.7}"
)
SENT = "Sent"
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""A browser loads nothing but this very style."""


def html(document: Json) -> str:
    """The whole page."""
    info, schemas = document["info"], document["components"]["schemas"]
    sections = "".join(
        f"<section><h2>{escape(tag['name'])}</h2>"
        + "".join(
            _operation(method, path, one, schemas)
            for path, operations in document["paths"].items()
            for method, one in operations.items()
            if one["tags"] == [tag["name"]]
        )
        + "</section>"
        for tag in document["tags"]
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1><p>{escape(info['summary'])}. "
        f"Keys are sent as <code>X-API-KEY</code>. <a href='/openapi.json'>openapi.json</a></p>{sections}</body></html>"
    )


def _operation(method: str, path: str, one: Json, schemas: Json) -> str:
    who = one["security"]
    key = "Needs no key." if not who else "Needs a key with the role admin." if "admin" in who[0] else "Needs a key."
    sent = sent_schema(one)
    answered = next(iter(next(iter(one["responses"].values()))["content"].values()))["schema"]
    words = f"<p>{_marked(one['description'])}</p>" if "description" in one else ""
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {escape(one['summary'])}</summary>"
        f"{words}<p><small>{key}</small></p>{_table(SENT, sent, schemas)}{_table('Answered', answered, schemas)}"
        "</details>"
    )


def _table(title: str, schema: Json | None, schemas: Json) -> str:
    found = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{_marked(kind)}</td><td>{_marked(words)}</td></tr>"
        for name, kind, words in rows(schema or {}, schemas, sent=title == SENT)
    )
    return f"<h4>{title}</h4><table>{found}</table>" if found else ""


def _marked(words: str) -> str:
    """Words with code between backticks."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(words))
