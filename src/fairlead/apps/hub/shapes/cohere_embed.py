"""Embeddings as Cohere writes them (`POST /v2/embed`).

Source: https://docs.cohere.com/reference/embed. In our words (OpenAI's) `input` is `texts`, `dimensions` is
`output_dimension`. `input_type`, which Cohere needs, is taken when said and else `search_document`. Floats only are
asked for; a client that wants base64 gets them so from us. Tokens instead of texts are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Failure, Operation, Plain, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Place, Sent
from fairlead.apps.hub.shapes.cohere import failures
from fairlead.apps.hub.shapes.cohere_rerank import billed
from fairlead.apps.hub.shapes.embeddings import told, vectors_of, words_of
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said
from fairlead.apps.hub.shapes.plain import PlainShape, sent

NAME = "cohere_embed"


class CohereEmbed(PlainShape):
    """Version 2 of embeddings."""

    name = NAME
    places: Sequence[Place] = (Place("POST", "/v2/embed", "embedding"),)

    def ask(self, body: bytes, place: Place) -> Plain:
        """Texts as `input`."""
        asked = Fields(decoded(body))
        kinds = asked.texts("embedding_types")
        if kinds not in ((), ("float",)):
            raise Unsayable("embedding_types other than float are for Cohere's own models")
        if not (texts := asked.texts("texts")):
            raise Unsayable("texts should hold one at least; images are for Cohere's own models")
        fields = {"input": list(texts)} | said(dimensions=asked.whole("output_dimension"))
        return Plain("embedding", asked.need("model"), fields | asked.rest())

    def tell(self, call: Plain) -> Sent:
        """Input as `texts`."""
        texts, dimensions, rest = words_of(call, NAME, frozenset({"input_type", "truncate", "max_tokens", "priority"}))
        fields = {"model": call.model, "texts": texts, "embedding_types": ["float"], "input_type": "search_document"}
        return sent("/v2/embed", fields | said(output_dimension=dimensions) | rest)

    def take(self, call: Plain, body: bytes) -> Plain:
        """In OpenAI's words."""
        answer = Fields(decoded(body))
        kinds = answer.part("embeddings")
        vectors = kinds.items("float") if kinds is not None else []
        return told(call, vectors, (billed(body) or Usage()).input)

    def give(self, call: Plain, reply: Plain) -> bytes:
        """In Cohere's words."""
        tokens = reply.fields.get("usage", {}).get("prompt_tokens", 0)
        whole = {"id": "", "embeddings": {"float": vectors_of(reply)}, "texts": call.fields["input"]}
        meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": tokens}}
        return encoded(whole | {"meta": meta, "response_type": "embeddings_by_type"})

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """Tokens."""
        return billed(body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """As Cohere's chat."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(CohereEmbed())
