"""Embeddings as Gemini writes them (`batchEmbedContents`, `embedContent`), asked and answered.

Source: https://ai.google.dev/api/embeddings. In our words (OpenAI's) `input` is one text of each request, and
`dimensions` is `outputDimensionality`; `taskType` is Cohere's `input_type` in the words that both have. Google does not
report tokens of embeddings: usage is left to be estimated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fairlead.apps.hub.calls import Chat, Failure, Json, Plain, Unsayable
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent
from fairlead.apps.hub.shapes.embeddings import told, vectors_of, words_of
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said
from fairlead.apps.hub.shapes.gemini import failures
from fairlead.apps.hub.shapes.gemini.proto import Proto, model_of
from fairlead.apps.hub.shapes.glancing import tags_of
from fairlead.apps.hub.shapes.plain import PlainShape, sent

NAME = "gemini_embed"
ONE = "fairlead:one"
"""Marks a call of one text, whose answer is `embedding`."""
TASKS = {
    "search_document": "RETRIEVAL_DOCUMENT",
    "search_query": "RETRIEVAL_QUERY",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
}
"""Cohere's kinds of input; Google's others are its own."""
KINDS = {task: kind for kind, task in TASKS.items()}


class GeminiEmbed(PlainShape):
    """Embeddings of a batch, or of one text."""

    name = NAME
    places: Sequence[Place] = tuple(
        Place("POST", f"/{version}/models/{{model}}:{method}", "embedding")
        for version in ("v1beta", "v1")
        for method in ("batchEmbedContents", "embedContent")
    )

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """The model stands in the path."""
        return Asked(place.operation, model_of(path)[0], tags=tags_of(headers))

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """With the model in each request of a batch, where Google wants it again."""
        asked = Proto(decoded(body))
        requests = asked.items("requests")
        if not requests:
            return body
        named = [one | {"model": f"models/{model}"} if isinstance(one, dict) else one for one in requests]
        return encoded({"requests": named} | asked.rest())

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """One text of each request, all with the same options."""
        asked = Proto(decoded(body))
        alone = "content" in asked
        requests = [asked] if alone else asked.parts("requests")
        read = [_request(one) for one in requests]
        if not read or any(options != read[0][1] for _, options in read):
            raise Unsayable("requests should hold one at least, and all the same options")
        fields = {"input": [text for text, _ in read]} | read[0][1] | ({ONE: True} if alone else {})
        return Plain("embedding", model_of(path)[0], fields)

    def tell(self, call: Plain) -> Sent:
        """One request for each text."""
        call = Plain(call.operation, call.model, {k: v for k, v in call.fields.items() if k != ONE})
        texts, dimensions, rest = words_of(call, NAME, frozenset({"input_type", "taskType", "title"}))
        model, kind = f"models/{call.model}", rest.pop("input_type", None)
        if kind is not None and kind not in TASKS:
            raise Unsayable(f"{NAME} has no words for the input_type `{kind}`")
        options = said(outputDimensionality=dimensions, taskType=kind and TASKS[kind]) | rest
        requests = [{"model": model, "content": {"parts": [{"text": text}]}, **options} for text in texts]
        path = f"/v1beta/models/{quote(call.model, safe='')}:batchEmbedContents"
        return sent(path, {"requests": requests})

    def take(self, call: Plain, body: bytes) -> Plain:
        """In OpenAI's words."""
        answer = Fields(decoded(body))
        reply = told(call, [one.items("values") for one in answer.parts("embeddings")], 0)
        return Plain("embedding", call.model, {name: value for name, value in reply.fields.items() if name != "usage"})

    def give(self, call: Plain, reply: Plain) -> bytes:
        """In Google's words."""
        found = [{"values": vector} for vector in vectors_of(reply)]
        return encoded({"embedding": found[0]} if ONE in call.fields and found else {"embeddings": found})

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """As of other calls."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """As of other calls."""
        return failures.write_failure(failure)


def _request(asked: Proto) -> tuple[str, Json]:
    """The text, and the options in our words."""
    asked.any("model")
    content = asked.part("content")
    parts = content.parts("parts") if content is not None else []
    if not parts or any("text" not in part for part in parts):
        raise Unsayable("content should be of text")
    task, dimensions = asked.text("taskType"), asked.whole("outputDimensionality")
    options: dict[str, Any] = said(dimensions=dimensions, input_type=KINDS.get(task or ""))
    if task is not None and task not in KINDS:
        options["taskType"] = task
    return "".join(part.need("text") for part in parts), options | asked.rest()


SHAPES.register(NAME)(GeminiEmbed())
