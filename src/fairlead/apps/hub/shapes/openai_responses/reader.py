"""The streams of OpenAI's responses, read: items that are added, parts of them that grow, and the whole at the end."""

from __future__ import annotations

from dataclasses import replace

from fairlead.apps.hub.calls import Delta, Finish, Json, Part, Refusal, Text, Thinking, ToolUse
from fairlead.apps.hub.shapes.fields import Fields
from fairlead.apps.hub.shapes.folding import CITED
from fairlead.apps.hub.shapes.openai.failures import read_error
from fairlead.apps.hub.shapes.openai.usage import usage_of
from fairlead.apps.hub.shapes.openai_responses.items import CALLS, read_item
from fairlead.apps.hub.shapes.openai_responses.replies import read_finish, read_head
from fairlead.apps.hub.shapes.reading import Reader
from fairlead.apps.hub.shapes.refusing import ITEM, own

ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
TEXTS = ("response.output_text.delta", "response.refusal.delta", "response.reasoning_text.delta")
GIVEN = ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta")
Key = tuple[int, int]
"""An item, and the part of it; -1 for an item that is one part."""


class EventReader(Reader):
    """Reads events. Kinds that it does not know tell nothing that the items do not tell at their end."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[Key, int] = {}
        self._begun: dict[int, Part] = {}
        self._names: dict[int, Json] = {}
        self._grown: set[int] = set()
        self._tools = False

    def take(self, name: str, event: Fields) -> None:
        """One event."""
        kind = event.text("type") or name
        if kind == "error":
            error = event.json("error")
            self.fail(read_error(error if error is not None else event.rest()))
        elif kind in ENDS:
            self._end(event.part("response") or Fields({}))
        elif kind == "response.created":
            self.tell(Delta(reply=read_head(event.part("response") or Fields({}))))
        elif kind.startswith("response.output_item."):
            self._item(kind, event.whole("output_index") or 0, event.part("item") or Fields({}))
        else:
            self._grow(kind, event)

    def _item(self, kind: str, index: int, item: Fields) -> None:
        of = item.need("type")
        if of == "message":
            self._message(kind, index, item)
        elif kind.endswith("added") and (of in CALLS or of == "reasoning"):
            (part,) = read_item(of, item)
            self._begin((index, -1), _empty(part))
        elif kind.endswith("done"):
            self._done(index, read_item(of, item)[0])

    def _message(self, kind: str, index: int, item: Fields) -> None:
        """Words begin with their parts; the names of their item stand with the first."""
        content = item.any("content")
        if kind.endswith("added"):
            self._names[index] = {ITEM: {n: v for n, v in item.rest().items() if n in ("id", "phase")}}
        elif isinstance(content, list):
            for number, one in enumerate(content):
                annotations = Fields(one).items("annotations")
                if annotations and (index, number) in self._parts:
                    self.tell(Delta(part=self._parts[index, number], extra={CITED: {"annotations": annotations}}))

    def _done(self, index: int, whole: Part) -> None:
        """An item is whole: what of it was not told yet."""
        if (part := self._parts.get((index, -1))) is None:
            part = self._begin((index, -1), _empty(whole))
        grown = part in self._grown
        if isinstance(whole, ToolUse) and not grown and whole.arguments:
            self.tell(Delta(part=part, text=whole.arguments))
        elif isinstance(whole, Thinking):
            text = whole.text if not grown else ""
            if text or whole.signature is not None:
                self.tell(Delta(part=part, text=text or None, signature=whole.signature))

    def _grow(self, kind: str, event: Fields) -> None:
        index = event.whole("output_index") or 0
        number = event.whole("content_index") or 0
        if kind in GIVEN:
            self._more((index, -1), ToolUse("", "", ""), event.text("delta"))
        elif kind == "response.reasoning_summary_text.delta":
            self._more((index, -1), Thinking(), event.text("delta"))
        elif kind == "response.reasoning_summary_part.added" and (event.whole("summary_index") or 0) > 0:
            self._more((index, -1), Thinking(), "\n\n")
        elif kind in TEXTS:
            part = Refusal("") if "refusal" in kind else Text("")
            key = (index, -1) if "reasoning" in kind else (index, number)
            logprobs = event.items("logprobs")
            self._more(key, Thinking() if key[1] < 0 else part, event.text("delta"), logprobs)
        elif kind == "response.content_part.added":
            added = event.part("part")
            of = added.text("type") if added is not None else None
            if of in ("output_text", "refusal"):
                self._begin((index, number), Refusal("") if of == "refusal" else Text(""))

    def _more(self, key: Key, kind: Part, text: str | None, logprobs: list[object] | None = None) -> None:
        part = self._parts[key] if key in self._parts else self._begin(key, kind)
        if text or logprobs:
            self._grown.add(part)
            self.tell(Delta(part=part, text=text or None, logprobs=logprobs or None))

    def _begin(self, key: Key, begins: Part) -> int:
        if isinstance(begins, Text) and (names := self._names.pop(key[0], None)):
            begins = replace(begins, extra=begins.extra | names)
        part = self._parts[key] = len(self._parts)
        self._tools = self._tools or isinstance(begins, ToolUse)
        self.tell(Delta(part=part, begins=begins))
        return part

    def _end(self, response: Fields) -> None:
        usage = usage_of(response.any("usage"), response.text("service_tier"), response.peek("output"))
        error = response.any("error")
        if error is not None:
            if usage is not None:
                self.tell(Delta(usage=usage))
            self.fail(read_error(error))
            return
        finish: Finish | None
        finish, extra = read_finish(response, self._tools)
        self.whole = True
        self.tell(Delta(finish=finish, usage=usage, extra=own(extra)))


def _empty(part: Part) -> Part:
    """The beginning of a part that grows."""
    if isinstance(part, ToolUse):
        return replace(part, arguments="", extra=_lasting(part.extra))
    if isinstance(part, Thinking):
        return replace(part, text="", signature=None, extra=own(_lasting(part.extra), "summary", "content"))
    return part


def _lasting(extra: Json) -> Json:
    """Without the state, which changes."""
    names = {name: value for name, value in extra.get(ITEM, {}).items() if name != "status"}
    return own(extra, ITEM) | ({ITEM: names} if names else {})
