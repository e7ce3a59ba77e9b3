"""One call for all who ask the same: who gets what, whatever happens in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.cache import coalescing
from fairlead.apps.hub.cache.coalescing import Shared, Sharing


class Listener:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.outcome: str | None = None

    def piece(self, data: bytes) -> None:
        assert self.outcome is None
        self.got.append(data)

    def end(self) -> None:
        self._over("end")

    def broke(self) -> None:
        self._over("broke")

    def alone(self) -> None:
        self._over("alone")

    def _over(self, outcome: str) -> None:
        assert self.outcome is None
        self.outcome = outcome


def shared() -> Shared:
    """A call under way."""
    return Sharing().begin(b"k")


def test_everybody_gets_every_piece_whenever_they_came() -> None:
    """From the first piece on."""
    call, early, late = shared(), Listener(), Listener()
    call.follow(early)
    call.piece(b"a")
    call.piece(b"b")
    call.follow(late)
    call.piece(b"c")
    call.end(True)

    assert early.got == late.got == [b"a", b"b", b"c"]
    assert early.outcome == late.outcome == "end"


def test_a_failure_is_shared_with_those_only_who_got_some_of_the_answer() -> None:
    """Whoever got nothing asks for itself."""
    call, some, none = shared(), Listener(), Listener()
    call.follow(some)
    call.follow(none)
    call.pause(none)
    call.piece(b"a")
    call.end(False)
    call.resume(none)
    none_yet, nothing = shared(), Listener()
    none_yet.follow(nothing)
    none_yet.end(False)

    assert some.outcome == "broke"
    assert nothing.outcome == "alone"
    assert (none.outcome, none.got) == ("alone", [])


def test_whoever_reads_slowly_gets_the_rest_later() -> None:
    """Also after the call has ended."""
    call, slow = shared(), Listener()
    call.follow(slow)
    call.piece(b"a")
    call.pause(slow)
    call.piece(b"b")
    call.end(True)

    assert slow.got == [b"a"]
    call.resume(slow)
    assert slow.got == [b"a", b"b"]
    assert slow.outcome == "end"


def test_a_call_is_deserted_when_the_last_follower_leaves() -> None:
    """Not before, and not after it has ended."""
    call, one, other = shared(), Listener(), Listener()
    told: list[str] = []
    call.deserted = lambda: told.append("deserted")
    call.follow(one)
    call.follow(other)
    call.leave(one)
    assert not told
    call.leave(other)
    call.leave(other)
    assert told == ["deserted"]

    call.follow(one)
    call.end(True)
    call.leave(one)
    assert told == ["deserted"]


def test_a_call_can_be_joined_until_it_ends() -> None:
    """Then the next one begins anew."""
    sharing = Sharing()
    first = sharing.begin(b"k")
    assert sharing.find(b"k") is first
    first.end(True)
    assert sharing.find(b"k") is None
    second = sharing.begin(b"k")
    first.end(False)
    assert sharing.find(b"k") is second
    assert len(sharing) == 1


def test_an_answer_that_grows_too_large_is_handed_on_and_no_longer_held() -> None:
    """Whoever is behind then is cut off, and nobody can join; the others get it all."""
    sharing = Sharing()
    call, quick, slow = sharing.begin(b"k"), Listener(), Listener()
    call.follow(quick)
    call.follow(slow)
    call.pause(slow)
    piece = b"x" * (coalescing.MOST_BYTES // 4)
    for _ in range(6):
        call.piece(piece)
        assert sum(map(len, call.pieces)) <= coalescing.MOST_BYTES
    tardy = Listener()
    assert sharing.find(b"k") is None
    call.follow(tardy)
    call.end(True)

    assert (quick.outcome, len(quick.got)) == ("end", 6)
    assert slow.outcome == "broke"
    assert tardy.outcome == "alone"


def test_whoever_stalls_on_an_answer_that_is_not_held_is_cut_off() -> None:
    """Since there is nothing to catch up from."""
    call, stalls = shared(), Listener()
    call.follow(stalls)
    call.piece(b"x" * (coalescing.MOST_BYTES + 1))
    call.pause(stalls)

    assert stalls.outcome == "broke"
    assert not call.followed


steps = st.lists(
    st.tuples(st.sampled_from(["follow", "piece", "pause", "resume", "leave"]), st.integers(0, 3)), max_size=60
)


@given(steps, st.booleans())
def test_nobody_gets_a_piece_twice_or_out_of_order(steps: list[tuple[str, int]], whole: bool) -> None:
    """In any interleaving; and whoever stays hears of the end exactly once."""
    call, listeners = shared(), [Listener() for _ in range(4)]
    said: list[bytes] = []
    following: set[int] = set()
    left: set[int] = set()
    for what, who in steps:
        if what == "piece":
            said.append(b"%d" % len(said))
            call.piece(said[-1])
        elif what == "follow":
            if who not in following | left:
                following.add(who)
                call.follow(listeners[who])
        elif what == "leave":
            if who in following:
                left.add(who)
            call.leave(listeners[who])
        else:
            (call.pause if what == "pause" else call.resume)(listeners[who])
    call.end(whole)
    for listener in listeners:
        call.resume(listener)

    for number, listener in enumerate(listeners):
        assert listener.got == said[: len(listener.got)]
        if number in following - left:
            assert listener.outcome == ("end" if whole else "broke" if listener.got else "alone")
            assert listener.outcome == "alone" or listener.got == said
