"""Reranking as Jina writes it (`POST /v1/rerank`), as do vLLM, llama.cpp, Together, Fireworks; and Cohere's v1.

Sources: https://api.jina.ai/redoc, https://docs.cohere.com/v1/reference/rerank. It has `return_documents` beside
Cohere's words. At one path there are two protocols, so the answer has the fields of both: Jina's `model` and `usage`,
Cohere's `id` and `meta`. Documents that were asked to be returned and that the provider left out are put in again:
nobody knows them better than the request.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.apps.hub.calls import Json, Operation, Plain, Usage
from fairlead.apps.hub.shapes import SHAPES, Place, Sent
from fairlead.apps.hub.shapes.cohere_rerank import billed, read_question, read_ranking, text_of
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.openai_plain.usage import usage_in
from fairlead.apps.hub.shapes.plain import PlainShape, sent

NAME = "jina_rerank"


class JinaRerank(PlainShape):
    """Reranking at `/v1/rerank`."""

    name = NAME
    places: Sequence[Place] = (Place("POST", "/v1/rerank", "rerank"),)

    def ask(self, body: bytes, place: Place) -> Plain:
        """As it is."""
        return read_question(body)

    def tell(self, call: Plain) -> Sent:
        """As it is."""
        return sent("/v1/rerank", {"model": call.model} | call.fields)

    def take(self, call: Plain, body: bytes) -> Plain:
        """As it is."""
        return read_ranking(call, body)

    def give(self, call: Plain, reply: Plain) -> bytes:
        """In the words of both."""
        fields = dict(reply.fields)
        results = [self._given(call, one) for one in fields.pop("results")]
        return encoded({"id": "", "model": call.model, **fields, "results": results} | _billed(fields))

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """Tokens, or searches."""
        found = billed(body)
        return found if found is not None and found.units else usage_in(operation, body) or found

    def _given(self, call: Plain, result: Json) -> Json:
        kept = {name: value for name, value in result.items() if name != "document"}
        if not call.fields.get("return_documents"):
            return kept
        return kept | {
            "document": result.get("document") or {"text": text_of(call.fields["documents"][result["index"]])}
        }


def _billed(fields: Json) -> Json:
    """Jina's usage where a provider reported Cohere's words only, and the other way round."""
    if "usage" not in fields:
        units = (billed(encoded(fields)) or Usage()).input
        return {"usage": {"total_tokens": units}}
    return {} if "meta" in fields else {"meta": {"api_version": {"version": "1"}}}


SHAPES.register(NAME)(JinaRerank())
