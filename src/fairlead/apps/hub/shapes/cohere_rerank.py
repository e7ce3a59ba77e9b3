"""Reranking as Cohere writes it (`POST /v2/rerank`); its fields are our words for it, and its failures too.

Source: https://docs.cohere.com/reference/rerank. Asked: `model`, `query`, `documents` (strings), `top_n`,
`max_tokens_per_doc`, `priority`. Answered: `results` of `index` and `relevance_score`; what is billed stands in
`meta.billed_units.search_units`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from fairlead.apps.hub.calls import Failure, Json, Operation, Plain, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Headers, Place, Sent
from fairlead.apps.hub.shapes.failing import headers_of
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.plain import PlainShape, sent

NAME = "cohere_rerank"


class _Units(msgspec.Struct):
    search_units: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None


class _Meta(msgspec.Struct):
    billed_units: _Units | None = None


class _Body(msgspec.Struct):
    meta: _Meta | None = None


_DECODER = msgspec.json.Decoder(_Body)


def billed(body: bytes) -> Usage | None:
    """What Cohere bills: searches, tokens."""
    try:
        meta = _DECODER.decode(body).meta
    except (msgspec.MsgspecError, RecursionError):
        return None
    if meta is None or meta.billed_units is None:
        return None
    units = meta.billed_units
    searches = {} if units.search_units is None else {"searches": units.search_units}
    return Usage(input=int(units.input_tokens or 0), output=int(units.output_tokens or 0), units=searches)


def failure_body(failure: Failure) -> bytes:
    """`{"message": …}`, as Cohere writes it."""
    return encoded({"message": failure.message} | said(id=failure.code))


class CohereRerank(PlainShape):
    """Version 2 of reranking."""

    name = NAME
    places: Sequence[Place] = (Place("POST", "/v2/rerank", "rerank"),)

    def ask(self, body: bytes, place: Place) -> Plain:
        """As it is."""
        return read_question(body)

    def tell(self, call: Plain) -> Sent:
        """Documents as strings: version 2 has no others."""
        fields = dict(call.fields)
        fields.pop("return_documents", None)  # given back by who asked in words that have it
        documents = [text_of(document) for document in fields.pop("documents")]
        return sent("/v2/rerank", {"model": call.model, "documents": documents} | fields)

    def take(self, call: Plain, body: bytes) -> Plain:
        """As it is."""
        return read_ranking(call, body)

    def give(self, call: Plain, reply: Plain) -> bytes:
        """Without what version 2 does not have."""
        results = [
            {"index": one["index"], "relevance_score": one["relevance_score"]} for one in reply.fields["results"]
        ]
        return encoded({**reply.fields, "results": results})

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """Searches."""
        return billed(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """`{"message": …}`."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """`{"message": …}`."""
        return failure.status, headers_of(failure), failure_body(failure)


def read_question(body: bytes) -> Plain:
    """The call, which is the same in all these protocols. Raises `Unsayable`."""
    asked = Fields(decoded(body))
    model, query, documents = asked.need("model"), asked.need("query"), asked.items("documents")
    if not documents:
        raise Unsayable("documents should hold one at least")
    return Plain("rerank", model, {"query": query, "documents": documents} | asked.rest())


def read_ranking(call: Plain, body: bytes) -> Plain:
    """The answer, its results checked: no index that was not asked for. Raises `Unsayable`."""
    answer, count = Fields(decoded(body)), len(call.fields["documents"])
    results = [_result(one, count) for one in answer.parts("results")]
    return Plain("rerank", call.model, {"results": results} | answer.rest())


def _result(one: Fields, count: int) -> Json:
    index, score = one.whole("index"), one.number("relevance_score")
    if index is None or score is None or not 0 <= index < count:
        raise Unsayable(f"{one.where} should have the index of a document and its relevance_score")
    return {"index": index, "relevance_score": score} | one.rest()


def text_of(document: object) -> str:
    """A document, a string or an object with its `text`."""
    text = document.get("text") if isinstance(document, dict) else document
    if not isinstance(text, str):
        raise Unsayable("documents should be strings, or objects with a `text`")
    return text


SHAPES.register(NAME)(CohereRerank())
