"""Embeddings as Gemini writes them (`POST /v1beta/models/{model}:batchEmbedContents`).

Source: https://ai.google.dev/api/embeddings. In our words (OpenAI's) `input` is one request for each text, and
`dimensions` is `outputDimensionality`. Google does not report tokens of embeddings: usage is left to be estimated.
"""

from __future__ import annotations

from urllib.parse import quote

from fairlead.apps.hub.calls import Plain
from fairlead.apps.hub.shapes import SHAPES, Sent
from fairlead.apps.hub.shapes.embeddings import told, words_of
from fairlead.apps.hub.shapes.fields import Fields, decoded, said
from fairlead.apps.hub.shapes.plain import PlainShape, sent

NAME = "gemini_embed"


class GeminiEmbed(PlainShape):
    """Embeddings of a batch."""

    name = NAME

    def tell(self, call: Plain) -> Sent:
        """One request for each text."""
        texts, dimensions, rest = words_of(call, NAME, frozenset({"taskType", "title"}))
        model = f"models/{call.model}"
        options = said(outputDimensionality=dimensions) | rest
        requests = [{"model": model, "content": {"parts": [{"text": text}]}, **options} for text in texts]
        path = f"/v1beta/models/{quote(call.model, safe='')}:batchEmbedContents"
        return sent(path, {"requests": requests})

    def take(self, call: Plain, body: bytes) -> Plain:
        """In OpenAI's words."""
        answer = Fields(decoded(body))
        reply = told(call, [one.items("values") for one in answer.parts("embeddings")], 0)
        return Plain("embedding", call.model, {name: value for name, value in reply.fields.items() if name != "usage"})


SHAPES.register(NAME)(GeminiEmbed())
