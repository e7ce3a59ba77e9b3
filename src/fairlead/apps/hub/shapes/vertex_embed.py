"""Embeddings as Vertex AI writes them (`:predict`), asked of providers only.

Source: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api. Each text is an
instance; `dimensions` is `outputDimensionality`, Cohere's `input_type` and Gemini's `taskType` are `task_type`, `title`
the same. Texts that are too long are refused, not cut in silence (`autoTruncate`), unless the call says otherwise. How
many texts it takes at once is the model's: `gemini-embedding-001` takes one.
"""

from __future__ import annotations

from urllib.parse import quote

from fairlead.apps.hub.calls import Failure, Operation, Plain, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Headers, Sent
from fairlead.apps.hub.shapes.embeddings import told, words_of
from fairlead.apps.hub.shapes.fields import Fields, decoded, said
from fairlead.apps.hub.shapes.gemini import failures
from fairlead.apps.hub.shapes.gemini_embed import TASKS
from fairlead.apps.hub.shapes.plain import PlainShape, sent

NAME = "vertex_embed"
KNOWN = frozenset({"input_type", "taskType", "title", "autoTruncate"})


class VertexEmbed(PlainShape):
    """Embeddings of texts."""

    name = NAME

    def tell(self, call: Plain) -> Sent:
        """One instance for each text."""
        texts, dimensions, rest = words_of(call, NAME, KNOWN)
        kind = rest.get("input_type")
        if kind is not None and kind not in TASKS:
            raise Unsayable(f"{NAME} has no words for the input_type `{kind}`")
        task = rest.get("taskType") if kind is None else TASKS[kind]
        options = said(task_type=task, title=rest.get("title"))
        parameters = {"autoTruncate": rest.get("autoTruncate", False)} | said(outputDimensionality=dimensions)
        path = f"/v1/models/{quote(call.model, safe='')}:predict"
        return sent(path, {"instances": [{"content": text, **options} for text in texts], "parameters": parameters})

    def take(self, call: Plain, body: bytes) -> Plain:
        """In OpenAI's words."""
        return told(call, [one.items("values") for one in _embeddings(body)], counted(body))

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """Tokens of all texts."""
        try:
            return Usage(input=counted(body))
        except Unsayable:
            return None

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """As of other calls to Google."""
        return failures.read_failure(status, headers, body)


def counted(body: bytes) -> int:
    """Tokens of an answer. Raises `Unsayable` for what is none."""
    statistics = [one.part("statistics") or Fields({}) for one in _embeddings(body)]
    return sum(one.whole("token_count") or 0 for one in statistics)


def _embeddings(body: bytes) -> list[Fields]:
    return [one.part("embeddings") or Fields({}) for one in Fields(decoded(body)).parts("predictions")]


SHAPES.register(NAME)(VertexEmbed())
