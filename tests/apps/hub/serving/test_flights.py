"""One call under way: what the client gets, what is paid, and who is asked, event by event."""

from __future__ import annotations

import json

import pytest
from tests.apps.hub.routes.tables import provider
from tests.apps.hub.serving.fakes import ANSWER, DONE, FINISH, JSON, ROLE, STREAM, USAGE, word
from tests.apps.hub.serving.telling import body_of, events, status, town

from fairlead.apps.hub.calls import Failure

BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
STREAMED = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
STREAMED_USAGE = b'{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}'


def test_an_answer_is_passed_on_byte_by_byte_and_paid() -> None:
    """What the provider says it used."""
    here = town()
    _, line = here.asks(BODY)
    here.asked("one").answers()

    assert body_of(line) == ANSWER
    assert line.ended == ["done"]
    (entry,) = here.accounts.entries
    assert (entry.provider, entry.target, entry.status, entry.tokens, entry.cost_nano) == ("one", "m", 200, 15, 15)
    here.check_all_is_over()


def test_the_body_is_passed_on_as_it_is_with_the_hubs_own_key() -> None:
    """Nothing of the client's key or of its headers goes to the provider."""
    here = town()
    here.asks(BODY, authorization=b"Bearer sk-fl-secret", cookie=b"a=b", x_api_key=b"c")
    head, _, body = here.asked("one").request.partition(b"\r\n\r\n")

    assert body == BODY
    assert b"authorization: Bearer made-up-one" in head
    assert b"sk-fl" not in head
    assert b"cookie" not in head
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:9\r\n")


def test_only_the_models_name_is_changed() -> None:
    """Everything else stays as the client wrote it, byte by byte."""
    here = town("one/other")
    here.asks(b'{ "model" :"m",  "x":[1.10,  2] }')

    assert here.asked("one").request.endswith(b'{ "model" :"other",  "x":[1.10,  2] }')


def test_two_models_in_one_body_become_the_one_that_was_looked_at() -> None:
    """Else a key could ask what it may not."""
    here = town()
    here.asks(b'{"model":"dear","messages":[],"model":"m"}')
    sent = here.asked("one").request.partition(b"\r\n\r\n")[2]

    assert sent.count(b'"model"') == 1
    assert json.loads(sent)["model"] == "m"


def test_a_stream_is_passed_on_piece_by_piece_and_paid_as_told() -> None:
    """The usage is asked for, and not shown to a client that has not asked."""
    here = town()
    _, line = here.asks(STREAMED)
    one = here.asked("one")
    assert json.loads(one.request.partition(b"\r\n\r\n")[2])["stream_options"] == {"include_usage": True}
    one.begins(headers=STREAM).says(ROLE, word("a"))
    assert body_of(line) == ROLE + word("a")
    one.says(word("b"))
    assert body_of(line) == ROLE + word("a") + word("b")
    one.says(FINISH, USAGE, DONE).ends()

    assert body_of(line) == ROLE + word("a") + word("b") + FINISH + DONE
    assert line.data.endswith(b"0\r\n\r\n")
    assert here.accounts.entries[0].tokens == 15
    assert here.accounts.entries[0].first is not None
    here.check_all_is_over()


def test_who_asks_for_the_usage_sees_it() -> None:
    """As the provider wrote it."""
    here = town()
    _, line = here.asks(STREAMED_USAGE)
    here.asked("one").begins(headers=STREAM).says(ROLE, word("a"), FINISH, USAGE, DONE).ends()

    assert body_of(line) == ROLE + word("a") + FINISH + USAGE + DONE


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
@pytest.mark.parametrize("asked", [STREAMED, STREAMED_USAGE])
def test_a_stream_may_be_cut_anywhere(asked: bytes, size: int) -> None:
    """Pieces are what the network makes them."""
    here = town()
    _, line = here.asks(asked)
    whole = ROLE + word("a") + word("b") + FINISH + USAGE + DONE
    here.asked("one").begins(headers=STREAM).says(*(whole[at : at + size] for at in range(0, len(whole), size))).ends()

    assert body_of(line) == (whole if asked is STREAMED_USAGE else whole.replace(USAGE, b""))
    assert here.accounts.entries[0].tokens == 15


def test_a_stream_that_breaks_before_its_first_token_is_asked_of_somebody_else() -> None:
    """The client sees one stream, from its beginning."""
    here = town(["one/m", {"to": "two/m", "weight": 0}])
    _, line = here.asks(STREAMED)
    here.asked("one").begins(headers=STREAM).says(b": wait\n\n", ROLE).breaks()
    assert line.data == b""
    here.asked("two").begins(headers=STREAM).says(ROLE, word("b"), FINISH, DONE).ends()

    assert body_of(line) == ROLE + word("b") + FINISH + DONE
    assert here.ended[0].asks == 2
    here.check_all_is_over()


def test_an_error_in_the_place_of_the_first_token_is_asked_of_somebody_else() -> None:
    """Providers say "overloaded" with a status of 200 and an event."""
    here = town({"targets": ["one/m"], "fallbacks": ["two/m"], "retries": 0})
    _, line = here.asks(STREAMED)
    error = b'data: {"error":{"message":"overloaded","type":"server_error","code":"server_overloaded"}}\n\n'
    here.asked("one").begins(headers=STREAM).says(error)
    here.asked("two").begins(headers=STREAM).says(ROLE, word("b"), FINISH, DONE).ends()

    assert status(line) == 200
    assert b"overloaded" not in line.data
    assert here.ended[0].fell_back


def test_a_stream_that_breaks_later_ends_with_an_error_in_the_protocols_form() -> None:
    """And what came is paid."""
    here = town(["one/m", {"to": "two/m", "weight": 0}])
    _, line = here.asks(STREAMED)
    here.asked("one").begins(headers=STREAM).says(ROLE, word("a"), word("b")).breaks()

    assert not here.pools["two"].made
    assert events(line)[-1]["error"]["message"] == "one: the connection was reset"
    assert line.data.endswith(b"0\r\n\r\n")
    (entry,) = here.accounts.entries
    assert entry.usage is not None
    assert entry.usage.estimated
    assert entry.usage.output >= 2
    assert here.ended[0].failure is not None
    here.check_all_is_over()


def test_a_client_that_leaves_ends_the_providers_work_and_pays_for_what_came() -> None:
    """At once."""
    here = town()
    exchange, _ = here.asks(STREAMED)
    one = here.asked("one").begins(headers=STREAM).says(ROLE, word("a"), word("b"), word("c"))
    exchange.leave()

    assert one.dropped
    (entry,) = here.accounts.entries
    assert entry.status == 499
    assert entry.usage is not None
    assert entry.usage.output >= 3
    here.check_all_is_over()


def test_a_client_that_leaves_before_an_answer_pays_for_its_prompt() -> None:
    """The provider has read it, and asks for that."""
    here = town()
    exchange, _ = here.asks(BODY)
    exchange.leave()
    (entry,) = here.accounts.entries

    assert here.asked("one").dropped
    assert entry.usage is not None
    assert (entry.usage.input > 0, entry.usage.output, entry.usage.estimated) == (True, 0, True)
    here.check_all_is_over()


@pytest.mark.parametrize(
    ("code", "asks"), [(500, 2), (503, 2), (429, 2), (401, 2), (403, 2), (400, 1), (404, 1), (413, 1)]
)
def test_a_failure_that_is_the_providers_own_is_asked_elsewhere(code: int, asks: int) -> None:
    """That of a request is not: everybody would say the same."""
    here = town({"targets": ["one/m", {"to": "two/m", "weight": 0}], "retries": 1})
    _, line = here.asks(BODY)
    here.asked("one").answers(b'{"error":{"message":"no","type":"x"}}', code)

    assert len(here.made) == asks
    if asks == 2:
        here.asked("two").answers()
    assert status(line) == (200 if asks == 2 else code)
    here.check_all_is_over()


def test_a_failure_of_the_request_is_passed_on_as_the_provider_wrote_it() -> None:
    """Its words are the best there are."""
    here = town()
    _, line = here.asks(BODY)
    here.asked("one").answers(b'{"error":{"message":"bad","code":"context_length_exceeded"}, "x": 1}', 400)

    assert body_of(line) == b'{"error":{"message":"bad","code":"context_length_exceeded"}, "x": 1}'
    assert here.accounts.entries[0].cost_nano == 0


def test_a_refusal_of_the_hubs_key_is_no_refusal_of_the_clients() -> None:
    """And nothing of it is told."""
    here = town({"targets": ["one/m"], "retries": 0})
    _, line = here.asks(BODY)
    here.asked("one").answers(b'{"error":{"message":"Incorrect API key provided: made-up-*****"}}', 401)

    assert status(line) == 502
    assert b"made-up" not in line.data


def test_a_key_that_is_refused_rests_and_another_is_asked() -> None:
    """As long as the provider says."""
    here = town(one=provider("ONE", "TWO"))
    here.asks(BODY)
    first = here.asked("one")
    first.answers(b"{}", 429, JSON | {b"retry-after": b"30"})
    second = here.asked("one")
    assert first.request != second.request
    second.answers()
    here.passes(29)
    for _ in range(5):
        here.asks(BODY)
        assert here.asked("one").request == second.request
        here.asked("one").answers()


def test_who_has_not_enough_is_told_and_nobody_is_asked() -> None:
    """Before anything is spent."""
    here = town()
    here.accounts.refuses = Failure("over budget", "over the limit", 429, code="budget")
    _, line = here.asks(BODY)

    assert status(line) == 429
    assert not here.made
    here.check_all_is_over()


def test_nobody_to_ask_is_told_with_the_hold_given_back() -> None:
    """Nothing was asked, so nothing is paid or counted."""
    here = town({"targets": ["one/m"], "retries": 0})
    here.table.hosts["one"].lanes[0].breaker.rest(here.time, 100)
    _, line = here.asks(BODY)

    assert status(line) == 503
    assert b"retry-after: 100" in line.data
    assert len(here.accounts.released) == 1
    here.check_all_is_over()


@pytest.mark.parametrize(
    ("body", "code"), [(b"", 400), (b"{", 400), (b"[]", 400), (b'{"model":5}', 400), (b'{"model":"other"}', 404)]
)
def test_what_is_no_request_is_refused_in_the_protocols_form(body: bytes, code: int) -> None:
    """And makes no flight."""
    here = town()
    _, line = here.asks(body)

    assert status(line) == code
    assert "error" in json.loads(body_of(line))
    assert not here.ended


def test_another_path_and_another_method_are_told() -> None:
    """With the methods that are there."""
    here = town()
    _, line = here.asks(BODY, b"/v1/nothing")
    assert status(line) == 404


def test_an_answer_in_place_of_a_stream_is_no_answer() -> None:
    """A client that waits for events could not read it."""
    here = town({"targets": ["one/m"], "fallbacks": ["two/m"], "retries": 0})
    _, line = here.asks(STREAMED)
    here.asked("one").answers()
    here.asked("two").begins(headers=STREAM).says(ROLE, word("a"), FINISH, DONE).ends()

    assert events(line)[-1] == b"[DONE]"
    here.check_all_is_over()


def test_a_client_of_another_protocol_is_answered_in_its_own() -> None:
    """Anthropic's messages by a provider of OpenAI's shape, whole and streamed."""
    here = town()
    asked = b'{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}'
    _, line = here.asks(asked, b"/v1/messages")
    here.asked("one").answers()
    answer = json.loads(body_of(line))
    assert answer["content"][0]["text"] == "hello"
    assert answer["usage"]["output_tokens"] == 5

    _, line = here.asks(asked[:-1] + b',"stream":true}', b"/v1/messages")
    here.asked("one").begins(headers=STREAM).says(ROLE, word("a"), word("b"), FINISH, USAGE, DONE).ends()
    told = body_of(line)
    assert told.startswith(b"event: message_start")
    assert b"event: message_stop" in told
    assert here.accounts.entries[1].tokens == 15
    here.check_all_is_over()


def test_a_translated_stream_falls_back_and_breaks_like_any_other() -> None:
    """Before its first token, and after it."""
    here = town({"targets": ["one/m"], "fallbacks": ["two/m"], "retries": 0})
    asked = b'{"model":"m","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}'
    _, line = here.asks(asked, b"/v1/messages")
    here.asked("one").begins(headers=STREAM).says(ROLE).breaks()
    here.asked("two").begins(headers=STREAM).says(ROLE, word("some"), word("words")).breaks()

    assert body_of(line).rstrip().splitlines()[-2] == b"event: error"
    assert line.ended == ["done"]
    assert here.accounts.entries[0].tokens > 0
    here.check_all_is_over()


def test_who_can_not_do_what_is_asked_is_passed_over() -> None:
    """Once; when nobody can, the client is told what it is."""
    here = town({"targets": ["one/m"], "fallbacks": ["two/m"]}, one=provider("ONE", kind="mistral"))
    asked = b'{"model":"m","messages":[{"role":"user","content":"hi"}],"logprobs":true}'
    _, line = here.asks(asked)
    assert not here.pools["one"].made
    here.asked("two").answers()
    assert status(line) == 200

    alone = town(one=provider("ONE", kind="mistral"))
    _, line = alone.asks(asked)
    assert status(line) == 400
    assert b"logprobs" in line.data
    alone.check_all_is_over()
    assert len(alone.accounts.released) + len(alone.accounts.entries) == 1
