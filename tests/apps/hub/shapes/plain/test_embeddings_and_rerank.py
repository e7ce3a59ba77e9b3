"""Embeddings and rerankings across protocols, on the exchanges that the vendors publish."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apps.hub.calls import Plain, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Shape
from fairlead.apps.hub.shapes.embeddings import packed, unpacked

OPENAI, COHERE, GEMINI, VERTEX = (
    SHAPES.get(name) for name in ("openai_plain", "cohere_embed", "gemini_embed", "vertex_embed")
)
RANK, JINA = SHAPES.get("cohere_rerank"), SHAPES.get("jina_rerank")
KIND = {b"content-type": b"application/json"}


def asked(shape: Shape, body: Any) -> Plain:
    """A client's call."""
    place = next(one for one in shape.places if one.operation in ("embedding", "rerank"))
    call = shape.read_call(place, place.path.encode(), KIND, json.dumps(body).encode())
    assert isinstance(call, Plain)
    return call


def answered(client: Shape, call: Plain, provider: Shape, body: Any) -> Any:
    """What the client gets of a provider's answer."""
    return json.loads(client.write_reply(call, provider.read_reply(call, KIND, json.dumps(body).encode())))


COHERES = {
    "id": "5807ee2e-0cda-445a-9ec8-864c60a06606",
    "embeddings": {"float": [[0.5, -0.25], [0.0, 1.0]]},
    "texts": ["hello", "goodbye"],
    "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2}},
    "response_type": "embeddings_by_type",
}
"""As https://docs.cohere.com/reference/embed shows it, the vectors cut short."""


def test_openais_client_gets_coheres_embeddings() -> None:
    """Texts, dimensions and the tokens billed."""
    call = asked(OPENAI, {"model": "embed-v4.0", "input": ["hello", "goodbye"], "dimensions": 2})
    sent = COHERE.write_call(call)
    assert sent.path == "/v2/embed"
    assert json.loads(sent.body) == {
        "model": "embed-v4.0",
        "texts": ["hello", "goodbye"],
        "embedding_types": ["float"],
        "input_type": "search_document",
        "output_dimension": 2,
    }
    told = answered(OPENAI, call, COHERE, COHERES)
    assert [item["embedding"] for item in told["data"]] == [[0.5, -0.25], [0.0, 1.0]]
    assert told["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    assert COHERE.usage("embedding", json.dumps(COHERES).encode()) == Usage(input=2)


def test_openais_client_gets_geminis_embeddings_in_base64_when_it_asks_so() -> None:
    """As the official SDK does by default."""
    call = asked(OPENAI, {"model": "gemini-embedding-001", "input": "hello", "encoding_format": "base64"})
    sent = GEMINI.write_call(call)
    assert sent.path == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
    assert json.loads(sent.body)["requests"] == [
        {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "hello"}]}}
    ]
    told = answered(OPENAI, call, GEMINI, {"embeddings": [{"values": [0.5, -0.25]}]})
    assert unpacked(told["data"][0]["embedding"]) == [0.5, -0.25]
    assert "usage" not in told


def test_coheres_client_gets_vertexs_embeddings() -> None:
    """As Google's page on the text embeddings API shows them; nothing is cut in silence."""
    call = asked(COHERE, {"model": "text-embedding-005", "texts": ["hello", "you"], "input_type": "search_query"})
    sent = VERTEX.write_call(call)
    assert sent.path.endswith("/models/text-embedding-005:predict")
    assert json.loads(sent.body) == {
        "instances": [{"content": text, "task_type": "RETRIEVAL_QUERY"} for text in ("hello", "you")],
        "parameters": {"autoTruncate": False},
    }
    one = {"embeddings": {"values": [0.5], "statistics": {"truncated": False, "token_count": 3}}}
    told = answered(COHERE, call, VERTEX, {"predictions": [one, one]})
    assert told["embeddings"] == {"float": [[0.5], [0.5]]}
    assert told["meta"]["billed_units"] == {"input_tokens": 6}
    assert VERTEX.usage("embedding", json.dumps({"predictions": [one, one]}).encode()) == Usage(input=6)


def test_coheres_client_gets_openais_embeddings() -> None:
    """The other way round, base64 included."""
    call = asked(COHERE, {"model": "e", "texts": ["hello"], "input_type": "search_query", "embedding_types": ["float"]})
    told = answered(
        COHERE,
        call,
        OPENAI,
        {"data": [{"index": 0, "embedding": packed([0.5])}], "usage": {"prompt_tokens": 3, "total_tokens": 3}},
    )
    assert told["embeddings"] == {"float": [[0.5]]}
    assert told["meta"]["billed_units"] == {"input_tokens": 3}


@pytest.mark.parametrize("fields", [{"input": [[1, 2]]}, {"input": "x", "vendor_field": 1}, {"input": []}, {}])
@pytest.mark.parametrize("provider", [COHERE, GEMINI, VERTEX], ids=["cohere", "gemini", "vertex"])
def test_what_a_provider_has_no_words_for_is_refused(provider: Shape, fields: dict[str, Any]) -> None:
    """Tokens instead of texts, unknown fields, nothing at all."""
    with pytest.raises(Unsayable, match=provider.name):
        provider.write_call(asked(OPENAI, {"model": "m"} | fields))


def test_an_answer_with_a_vector_too_few_is_refused() -> None:
    """Vectors belong to texts by their number."""
    call = asked(OPENAI, {"model": "m", "input": ["a", "b"]})
    with pytest.raises(Unsayable, match="as many"):
        GEMINI.read_reply(call, KIND, b'{"embeddings":[{"values":[1]}]}')


RANKED = {
    "results": [{"index": 1, "relevance_score": 0.999071}, {"index": 0, "relevance_score": 0.7867867}],
    "id": "07734bd2-2473-4f07-94e1-0d9f0e6843cf",
    "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
}
"""As https://docs.cohere.com/reference/rerank shows it."""
QUESTION = {
    "model": "rerank-v3.5",
    "query": "capital of the US",
    "documents": ["Carson City", "Washington"],
    "top_n": 2,
}


def test_coheres_own_rerank_is_kept() -> None:
    """Every field, both ways."""
    call = asked(RANK, QUESTION)
    assert json.loads(RANK.write_call(call).body) == QUESTION
    assert answered(RANK, call, RANK, RANKED) == RANKED
    assert RANK.usage("rerank", json.dumps(RANKED).encode()) == Usage(units={"searches": 1.0})


def test_jinas_client_gets_coheres_rerank_with_its_documents() -> None:
    """Version 2 returns no documents: they are put in from the question."""
    call = asked(JINA, QUESTION | {"return_documents": True, "documents": ["Carson City", {"text": "Washington"}]})
    assert json.loads(RANK.write_call(call).body)["documents"] == ["Carson City", "Washington"]
    told = answered(JINA, call, RANK, RANKED)
    assert [one["document"] for one in told["results"]] == [{"text": "Washington"}, {"text": "Carson City"}]
    assert (told["id"], told["model"], told["usage"]) == (RANKED["id"], "rerank-v3.5", {"total_tokens": 0})


def test_coheres_client_gets_jinas_rerank() -> None:
    """Without what it does not know."""
    theirs = {
        "model": "jina-reranker-v2-base-multilingual",
        "usage": {"total_tokens": 815},
        "results": [{"index": 0, "document": {"text": "Carson City"}, "relevance_score": 0.8783}],
    }
    call = asked(RANK, QUESTION)
    told = answered(RANK, call, JINA, theirs)
    assert told["results"] == [{"index": 0, "relevance_score": 0.8783}]
    assert JINA.usage("rerank", json.dumps(theirs).encode()) == Usage(input=815)


def test_a_ranking_of_what_was_not_asked_is_refused() -> None:
    """A provider's mistake is not passed on."""
    with pytest.raises(Unsayable, match="index"):
        RANK.read_reply(asked(RANK, QUESTION), KIND, b'{"results":[{"index":2,"relevance_score":0.5}]}')


def test_coheres_failures_are_in_its_own_form() -> None:
    """`{"message": …}`."""
    failure = RANK.read_failure(429, {b"retry-after": b"3"}, b'{"message":"too many"}')
    assert (failure.kind, failure.message, failure.retry_after_s) == ("rate limited", "too many", 3.0)
    status, headers, body = RANK.write_failure(failure)
    assert (status, headers["retry-after"], json.loads(body)["message"]) == (429, "3", "too many")
