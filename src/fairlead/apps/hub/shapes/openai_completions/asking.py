"""A call of OpenAI's completions, read and written."""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat, Json, Message, Text, Unsayable
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said
from fairlead.apps.hub.shapes.refusing import ITEM, own, refuse, translatable

NAME = "openai_completions"


def read_call(body: bytes) -> Chat:
    """The whole call. Raises `Unsayable`."""
    asked = Fields(decoded(body))
    model, (messages, prompts) = asked.need("model"), _prompt(asked.any("prompt"))
    options = asked.part("stream_options")
    usage = options.flag("include_usage") if options else None
    rest = options.rest() if options else None
    return Chat(
        model=model,
        messages=messages,
        stream=asked.flag("stream") or False,
        stream_usage=usage or False,
        max_tokens=asked.whole("max_tokens"),
        temperature=asked.number("temperature"),
        top_p=asked.number("top_p"),
        stop=asked.texts("stop"),
        seed=asked.whole("seed"),
        count=count if (count := asked.whole("n")) is not None else 1,
        frequency_penalty=asked.number("frequency_penalty"),
        presence_penalty=asked.number("presence_penalty"),
        logprobs=asked.whole("logprobs"),
        user=asked.text("user"),
        protocol=NAME,
        extra=asked.rest() | prompts | ({"stream_options": rest} if rest else {}),
    )


def _prompt(prompt: object) -> tuple[tuple[Message, ...], Json]:
    """One text is what a user says; several, or tokens, only this protocol has words for."""
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str):
        prompt = prompt[0]
    if isinstance(prompt, str):
        return (Message("user", (Text(prompt),)),), {}
    if prompt is not None and not isinstance(prompt, list):
        raise Unsayable("prompt should be a string, or a list of strings or of tokens")
    return (), {} if prompt is None else {"prompt": prompt}


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for all but one text."""
    refuse(
        NAME,
        counting=chat.counting or None,
        tools=chat.tools or None,
        tool_choice=chat.tool_choice,
        parallel_tools=chat.parallel_tools,
        format=None if chat.format is None or chat.format.kind == "text" else chat.format,
        top_k=chat.top_k,
        effort=chat.effort,
        thinking_tokens=None if chat.thinking_tokens == -1 else chat.thinking_tokens,
        thinking_shown=chat.thinking_shown or None,
        tier=chat.tier,
        metadata=chat.metadata or None,
    )
    chat = translatable(chat, NAME)
    options = (chat.extra.get("stream_options") or {}) | {"include_usage": True}
    body = said(
        model=chat.model,
        prompt=_text(chat),
        stream=True if chat.stream else None,
        stream_options=options if chat.stream else None,
        max_tokens=chat.max_tokens,
        temperature=chat.temperature,
        top_p=chat.top_p,
        stop=list(chat.stop) or None,
        seed=chat.seed,
        n=chat.count if chat.count != 1 else None,
        frequency_penalty=chat.frequency_penalty,
        presence_penalty=chat.presence_penalty,
        logprobs=chat.logprobs,
        user=chat.user,
    )
    body |= own(chat.extra, ITEM, "stream_options")
    return Sent("/v1/completions", {"content-type": "application/json"}, encoded(body))


def _text(chat: Chat) -> str | None:
    """The only words of the only message."""
    if not chat.messages and chat.protocol in ("", NAME):
        return None
    if len(chat.messages) == 1 and (message := chat.messages[0]).role == "user" and message.name is None:
        texts = [part.text for part in message.parts if isinstance(part, Text)]
        if len(texts) == len(message.parts):
            return "".join(texts)
    raise Unsayable(f"{NAME} has words for one text of a user only")
