"""Google's Vertex AI, strictly: Gemini and Claude below a project and a region, by a token.

Sources: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference,
https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.anthropic import Anthropic, Counted, Messages, check_turns
from tests.apps.hub.standins.gemini import Gemini
from tests.apps.hub.standins.strict import Strict, answer, bearer, read, unless


class Raw(Messages):
    """Anthropic's body at Google: the model is in the path, the version here."""

    model: str = "from the path"
    anthropic_version: Literal["vertex-2023-10-16"]


class Instance(Strict):
    content: str
    task_type: Literal["RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "CLASSIFICATION", "CLUSTERING"] | None = None
    title: str | None = None


class Parameters(Strict):
    autoTruncate: bool | None = None  # noqa: N815 - Google's name
    outputDimensionality: int | None = None  # noqa: N815 - Google's name


class Predict(Strict):
    instances: list[Instance]
    parameters: Parameters | None = None


@dataclass
class Vertex(Gemini):
    """One project in one region."""

    project: str = "town"
    region: str = "europe-west1"

    def check(self, request: Request) -> None:
        """One token, as Bearer."""
        bearer(request, self.key)
        unless("x-goog-api-key" not in request.headers, "one key only", 401)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """By publisher."""
        where = f"/v1/projects/{self.project}/locations/{self.region}/publishers"
        google, claude = f"{where}/google/models/{{model}}", f"{where}/anthropic/models"
        yield "POST", f"{google}:generateContent", self.generate
        yield "POST", f"{google}:streamGenerateContent", self.stream
        yield "POST", f"{google}:countTokens", self.count
        yield "POST", f"{google}:predict", self.predict
        yield "POST", f"{claude}/count-tokens:rawPredict", self.claude_count
        yield "POST", f"{claude}/{{model}}:rawPredict", self.claude
        yield "POST", f"{claude}/{{model}}:streamRawPredict", self.claude

    async def predict(self, request: Request, body: bytes) -> Response:
        """Two numbers for each text."""
        asked: Predict = read(Predict, body, request.headers)
        statistics = {"truncated": False, "token_count": 4}
        return answer(
            {"predictions": [{"embeddings": {"values": [0.6, 0.8], "statistics": statistics}}] * len(asked.instances)}
        )

    async def claude(self, request: Request, body: bytes) -> Response:
        """As at Anthropic."""
        unless(b'"model"' not in body, "model: Extra inputs are not permitted")
        asked: Raw = read(Raw, body, request.headers)
        streams = request.url.path.endswith(":streamRawPredict")
        unless(streams == bool(asked.stream), "stream should be as the path says")
        return Anthropic().told(asked.model_copy(update={"model": request.path_params["model"]}))

    async def claude_count(self, request: Request, body: bytes) -> Response:
        """Eleven, of the model in the body."""
        asked: Counted = read(Counted, body, request.headers)
        check_turns(asked)
        return answer({"input_tokens": 11})
