"""vLLM, strictly enough: OpenAI's protocols as it serves them, without a key, reranking in Jina's words.

Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html. It thinks aloud in `reasoning_content`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.openai import OpenAI
from tests.apps.hub.standins.openai_fields import Chat
from tests.apps.hub.standins.strict import Strict, answer, bearer, read

KNOWN = ("/chat/completions", "/completions", "/responses", "/embeddings", "/audio/transcriptions", "/models")


class Rerank(Strict):
    model: str
    query: str
    documents: list[str]
    top_n: int | None = None
    return_documents: bool | None = None


class Sampled(Chat):
    """Beside OpenAI's fields some of vLLM's own (`Extra parameters` on the page above)."""

    top_k: int | None = None


class VLLM(OpenAI):
    """A server of one's own, begun with an API key."""

    thinks = "reasoning_content"
    asks = Sampled

    def check(self, request: Request) -> None:
        """One key, as Bearer."""
        bearer(request, self.key)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Those of OpenAI that it has, and its own."""
        yield from (one for one in super().routes() if one[1].removeprefix("/v1") in KNOWN)
        yield "POST", "/v1/rerank", self.rerank

    async def rerank(self, request: Request, body: bytes) -> Response:
        """The last first."""
        asked: Rerank = read(Rerank, body, request.headers)
        count = len(asked.documents)
        results = [
            {"index": at, "document": {"text": asked.documents[at]}, "relevance_score": (at + 1) / count}
            for at in reversed(range(count))
        ]
        return answer(
            {"id": "r1", "model": asked.model, "usage": {"total_tokens": 4}, "results": results[: asked.top_n]}
        )
