"""The stand-ins judged by the hub's own shapes, and the shapes by them: every vendor, streamed and not, with tools.

What a stand-in refuses is printed; none may refuse anything here but what has to be refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from tests.apps.hub.standins.anthropic import Anthropic
from tests.apps.hub.standins.azure import Azure
from tests.apps.hub.standins.bedrock import Bedrock
from tests.apps.hub.standins.cohere import Cohere
from tests.apps.hub.standins.gemini import Gemini
from tests.apps.hub.standins.openai import OpenAI
from tests.apps.hub.standins.strict import Refused, Standin

from fairlead.apps.hub.calls import Chat, Delta, Format, Media, Message, Plain, Reply, Text, Tool, ToolResult, ToolUse
from fairlead.apps.hub.providers import PROVIDERS, Login, Provider
from fairlead.apps.hub.providers.addresses import address
from fairlead.apps.hub.shapes import SHAPES, Sent, Shape
from fairlead.apps.hub.shapes.folding import folded

NOW = 1_800_000_000.0


def _aws() -> Login:
    vendor = Bedrock()
    return Login("k", f"{vendor.id}:{vendor.secret}", {"region": "eu-west-1"})


VENDORS: dict[str, tuple[Callable[[], Standin], str, Login]] = {
    "openai": (OpenAI, "openai", Login("k", OpenAI().key)),
    "anthropic": (Anthropic, "anthropic", Login("k", Anthropic().key)),
    "gemini": (Gemini, "gemini", Login("k", Gemini().key)),
    "cohere": (Cohere, "cohere", Login("k", Cohere().key)),
    "azure": (Azure, "azure", Login("k", Azure().key, {"resource": "town"})),
    "azure, dated": (Azure, "azure", Login("k", Azure().key, {"resource": "town", "api_version": "2024-10-21"})),
    "azure, token": (Azure, "azure", Login("k", Azure().token, {"resource": "town", "auth": "token"})),
    "bedrock": (Bedrock, "bedrock", _aws()),
    "bedrock, api key": (Bedrock, "bedrock", Login("k", Bedrock().key, {"region": "eu-west-1"})),
    "bedrock_anthropic": (Bedrock, "bedrock_anthropic", _aws()),
}


@dataclass
class Vendor:
    """A provider, as the hub would ask it, and who stands in for it."""

    standin: Standin
    provider: Provider
    login: Login
    url: str
    http: httpx.AsyncClient

    def shape(self, operation: Any = "chat") -> Shape:
        """What it speaks."""
        return SHAPES.get(self.provider.shape_of(operation) or "")

    async def post(self, sent: Sent, model: str, operation: Any = "chat") -> httpx.Response:
        """Ask it."""
        sent = replace(sent, body=self.provider.fit(self.shape(operation).name, sent.body))
        where = self.url + self.provider.path(operation, sent, model, self.login)
        signed = self.provider.sign(self.login, "POST", where, sent, NOW) or {}
        headers = {**sent.headers, **self.provider.headers(self.login), **signed}
        request = self.http.build_request("POST", where, content=sent.body, headers=headers)
        return await self.http.send(request)

    async def chat(self, chat: Chat) -> Reply:
        """The answer, folded when it is a stream."""
        answer = await self.post(self.shape().write_call(chat), chat.model)
        headers = {name.lower(): value for name, value in answer.headers.raw}
        assert (answer.status_code, self.standin.refusals) == (200, []), answer.text
        if not chat.stream:
            reply = self.shape().read_reply(chat, headers, answer.content)
            assert isinstance(reply, Reply)
            return reply
        assert headers[b"content-type"].startswith(self.shape().stream_type)
        reader = self.shape().reader(chat)
        found = [*reader.feed(answer.content), *reader.close()]
        assert all(isinstance(one, Delta) for one in found), found
        return folded([one for one in found if isinstance(one, Delta)])


@pytest.fixture(params=VENDORS)
async def vendor(request: pytest.FixtureRequest) -> AsyncIterator[Vendor]:
    """Each of them."""
    made, name, login = VENDORS[request.param]
    standin, provider = made(), PROVIDERS.get(name)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(standin.app())) as http:
        yield Vendor(standin, provider, login, address(name, provider.url, login.extra), http)


def asked(*messages: Message, **fields: Any) -> Chat:
    """A conversation."""
    return Chat("town", messages or (Message("user", (Text("hello"),)),), max_tokens=2048, **fields)


TOOL = Tool("look", "Looks", {"type": "object", "properties": {"place": {"type": "string"}}})


def words(reply: Reply) -> str:
    """What it says."""
    return "".join(part.text for part in reply.choices[0].parts if isinstance(part, Text))


@pytest.mark.parametrize("stream", [False, True])
async def test_it_answers(vendor: Vendor, stream: bool) -> None:
    """With its tokens: eleven in, three of them cached, five out, in whatever words the vendor reports them."""
    reply = await vendor.chat(asked(Message("system", (Text("Be brief"),)), *asked().messages, stream=stream))
    assert words(reply) == "Hello from the town"
    assert reply.choices[0].finish == "stop"
    assert reply.usage is not None
    assert (reply.usage.input, reply.usage.cached, reply.usage.output) == (11, 3, 5)


@pytest.mark.parametrize("stream", [False, True])
async def test_it_uses_a_tool(vendor: Vendor, stream: bool) -> None:
    """The one that it has to."""
    reply = await vendor.chat(asked(tools=(TOOL,), tool_choice="required", stream=stream))
    (use,) = [part for part in reply.choices[0].parts if isinstance(part, ToolUse)]
    assert use.name == "look"
    assert use.arguments.replace(" ", "") == '{"place":"town"}'
    assert reply.choices[0].finish == "tools"


async def test_it_gets_what_a_tool_gave_back(vendor: Vendor) -> None:
    """Two tools used at once, and the user goes on."""
    uses = (ToolUse("call_1", "look", '{"place":"a"}'), ToolUse("call_2", "look", "{}"))
    results = tuple(Message("tool", (ToolResult(use.id, (Text("nice"),), name="look"),)) for use in uses)
    history = (*asked().messages, Message("assistant", (Text("I look"), *uses)), *results)
    assert words(await vendor.chat(asked(*history, tools=(TOOL,))))


async def test_it_gets_an_image(vendor: Vendor) -> None:
    """Its bytes."""
    image = Media("image", "image/png", "iVBORw0KGgo=")
    assert words(await vendor.chat(asked(Message("user", (Text("look"), image)))))


async def test_it_is_held_to_a_schema(vendor: Vendor) -> None:
    """In each vendor's words for it."""
    form = Format("schema", "answer", {"type": "object", "properties": {}, "additionalProperties": False}, strict=True)
    assert words(await vendor.chat(asked(format=form)))


async def test_settings_reach_it(vendor: Vendor) -> None:
    """Those that all of them have."""
    assert words(await vendor.chat(asked(temperature=0.5, top_p=0.9, stop=("END",))))


async def test_a_wrong_key_is_told_as_such(vendor: Vendor) -> None:
    """In the vendor's form, read into ours."""
    vendor.login = replace(vendor.login, value="AKIDOTHER:" + "wrong" if ":" in vendor.login.value else "wrong")
    chat = asked()
    answer = await vendor.post(vendor.shape().write_call(chat), chat.model)
    failure = vendor.shape().read_failure(answer.status_code, dict(answer.headers.raw), answer.content)
    assert failure.kind == "unauthorized"
    assert vendor.standin.refusals


@pytest.mark.parametrize(("status", "kind"), [(429, "rate limited"), (404, "unknown"), (400, "invalid")])
async def test_its_errors_are_read(vendor: Vendor, status: int, kind: str) -> None:
    """By kind, with the vendor's own words."""
    vendor.standin.fails.append(Refused("not now", status))
    chat = asked()
    answer = await vendor.post(vendor.shape().write_call(chat), chat.model)
    failure = vendor.shape().read_failure(answer.status_code, dict(answer.headers.raw), answer.content)
    assert (failure.kind, failure.message) == (kind, "not now")


@pytest.mark.parametrize(
    ("operation", "fields"),
    [("embedding", {"input": ["a", "b"]}), ("rerank", {"query": "a", "documents": ["a", "b"], "top_n": 1})],
)
async def test_it_does_what_it_says_it_does(vendor: Vendor, operation: Any, fields: dict[str, Any]) -> None:
    """Embeddings and rankings, where it has them."""
    if vendor.provider.shape_of(operation) is None:
        return
    call = Plain(operation, "town", fields)
    shape = vendor.shape(operation)
    answer = await vendor.post(shape.write_call(call), call.model, operation)
    assert (answer.status_code, vendor.standin.refusals) == (200, []), answer.text
    reply = shape.read_reply(call, {b"content-type": b"application/json"}, answer.content)
    assert isinstance(reply, Plain)
    assert reply.fields.get("data" if operation == "embedding" else "results")
