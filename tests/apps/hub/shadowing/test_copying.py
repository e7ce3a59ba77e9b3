"""What a copy holds, what it does not, and how answers are set side by side."""

from __future__ import annotations

import pytest

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Finish,
    Media,
    Message,
    Other,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
)
from fairlead.apps.hub.shadowing.budget import DAY_S, Budget
from fairlead.apps.hub.shadowing.comparing import answer_of, similarity
from fairlead.apps.hub.shadowing.copying import Uncopied, copied


def chat(*messages: Message, **more: object) -> Chat:
    """A conversation with all that a copy must not have."""
    said = {"model": "m", "stream": True, "tools": (Tool("f"),), "tool_choice": "required", "user": "u-1", "count": 3}
    return Chat(**(said | {"messages": messages, "metadata": {"a": "b"}, "extra": {"store": True}} | more))  # type: ignore[arg-type] # fields by name


def test_a_copy_has_no_tools_and_nothing_by_which_a_provider_would_act_or_keep_it() -> None:
    """What bears on the answer stays."""
    copy = copied(chat(Message("user", (Text("hi"),)), temperature=0.5, max_tokens=7), "two/x")

    assert (copy.model, copy.temperature, copy.max_tokens, copy.count) == ("two/x", 0.5, 7, 1)
    assert (copy.tools, copy.tool_choice, copy.stream, copy.user, copy.metadata) == ((), None, False, None, {})
    assert copy.extra == {}


def test_an_answer_is_not_kept_where_its_provider_does_so_unasked() -> None:
    """OpenAI's responses."""
    assert copied(chat(Message("user", (Text("hi"),)), protocol="openai_responses"), "x").extra == {"store": False}


def test_what_was_done_with_tools_is_told_in_words() -> None:
    """Since the rest hangs on it; reasoning is left out."""
    picture = Media("image", url="http://localhost/a.png")
    copy = copied(
        chat(
            Message("user", (Text("weather?"),)),
            Message("assistant", (Thinking("hm", signature="s"), ToolUse("c1", "sky", '{"at":"Rome"}'))),
            Message("tool", (ToolResult("c1", (Text("sunny"), picture), name="sky"),)),
            Message("assistant", (Thinking("so"),)),
        ),
        "x",
    )

    assert [(one.role, one.parts) for one in copy.messages] == [
        ("user", (Text("weather?"),)),
        ("assistant", (Text('[used the tool sky with {"at":"Rome"}]'),)),
        ("user", (Text("[the tool sky gave back: sunny]"), picture)),
    ]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (chat(Message("user", (Text("go on"),)), extra={"previous_response_id": "r"}), "elsewhere"),
        (chat(Message("assistant", (Other("web_search_call", {}),))), "tools"),
        (chat(Message("assistant", (Thinking("only"),))), "empty"),
    ],
)
def test_what_makes_no_sense_without_its_provider_is_not_copied(call: Chat, why: str) -> None:
    """And counted by why."""
    with pytest.raises(Uncopied, match=why):
        copied(call, "x")


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [("a b c d", "D, c; b a!", 1.0), ("a b", "c d", 0.0), ("a a b", "a b b", 2 / 3), ("", "", None), ("a", "", 0.0)],
)
def test_likeness_counts_words_in_any_order(one: str, other: str, likeness: float | None) -> None:
    """Each as often as it stands there."""
    assert similarity(one, other) == (None if likeness is None else pytest.approx(likeness))


@pytest.mark.parametrize(
    ("part", "finish", "refused"),
    [
        (Text("I\N{RIGHT SINGLE QUOTATION MARK}m sorry, but I can't do that."), "stop", True),
        (Text("I cannot help with this."), "stop", True),
        (Refusal("no"), "stop", True),
        (Text("well"), "filtered", True),
        (Text("I can do that. Others cannot help."), "stop", False),
        (Text("Sorry for the wait: it is 4."), "stop", False),
    ],
)
def test_refusals_are_known_by_what_the_protocol_says_or_how_they_begin(
    part: Part, finish: Finish, refused: bool
) -> None:
    """Whatever comes first."""
    assert answer_of(Reply("r", "m", (Choice((part,), finish),))).refused is refused


def test_a_budget_is_never_overdrawn_by_copies_under_way() -> None:
    """What they may cost is set aside first; days are of UTC, and what was spent before counts."""
    budget, day = Budget(), 20_000 * DAY_S
    budget.begin({"m": 40}, day)

    assert budget.take("m", 30, 100, day)
    assert budget.take("m", 30, 100, day)
    assert not budget.take("m", 1, 100, day)
    assert budget.take("other", 100, 100, day)
    budget.settle("m", 30, 10, day)
    assert budget.take("m", 20, 100, day)
    assert not budget.take("m", 1, 100, day)
    assert budget.spent("m", day) == 50
    budget.settle("m", 20, 20, day + DAY_S)
    assert budget.spent("m", day + DAY_S) == 20
    assert not budget.take("free", 0, 0, day)
