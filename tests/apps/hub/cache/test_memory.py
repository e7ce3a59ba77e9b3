"""Answers in memory: bounded, each for its time, each for its tenant."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fairlead.apps.hub.cache.cache import Cache, Hit, Miss, Request
from fairlead.apps.hub.cache.exact import LARGEST, Memory
from fairlead.apps.hub.cache.kept import Kept
from fairlead.apps.hub.cache.keys import Rules

BODY = b'{"temperature":0,"messages":[]}'


def kept(text: bytes = b"{}", at: float = 0.0, until: float = 300.0) -> Kept:
    """A whole answer."""
    return Kept([text], False, True, b"application/json", None, "p", "m", 0, at, until)


def request(tenant: str = "a", body: bytes = BODY, **headers: bytes) -> Request:
    """A question."""
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return Request(tenant, "openai_chat", "chat", named, body)


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def cached(clock: Clock, rules: Rules, asked: Request, text: bytes = b"{}") -> Cache:
    """A cache that holds an answer to a question."""
    cache = Cache(1 << 20, wall=clock)
    miss = cache.lookup(rules, asked)
    assert isinstance(miss, Miss)
    at, until = cache.expires(miss)
    cache.store(miss, kept(text, at, until))
    return cache


RULES = Rules(b"r", keep_s=60)


def test_the_same_question_is_answered_from_memory_and_told_its_age() -> None:
    """In whole seconds."""
    clock = Clock()
    cache = cached(clock, RULES, request())
    clock.now += 12.7
    hit = cache.lookup(RULES, request())

    assert isinstance(hit, Hit)
    assert hit.lines == b"\r\nage: 12\r\nx-fairlead-cache: hit"
    assert (cache.hits, cache.misses) == (1, 1)


def test_an_answer_is_good_for_its_time_only() -> None:
    """And is forgotten when it is asked for after it."""
    clock = Clock()
    cache = cached(clock, RULES, request())
    clock.now += 60

    assert isinstance(cache.lookup(RULES, request()), Miss)
    assert cache.memory.bytes == len(cache.memory) == 0


def test_a_client_may_want_a_newer_answer_than_is_kept() -> None:
    """`no-cache` wants a new one, `max-age` and `min-fresh` one that is young enough."""
    clock = Clock()
    cache = cached(clock, RULES, request())
    clock.now += 10

    assert isinstance(cache.lookup(RULES, request(cache_control=b"no-cache")), Miss)
    assert isinstance(cache.lookup(RULES, request(cache_control=b"max-age=9")), Miss)
    assert isinstance(cache.lookup(RULES, request(cache_control=b"max-age=10")), Hit)
    assert isinstance(cache.lookup(RULES, request(cache_control=b"min-fresh=51")), Miss)
    assert isinstance(cache.lookup(RULES, request(cache_control=b"min-fresh=50")), Hit)
    assert cache.lookup(RULES, request(cache_control=b"no-store")) is None


def test_a_new_answer_takes_the_place_of_the_old_one() -> None:
    """Asked for with `no-cache`."""
    clock = Clock()
    cache = cached(clock, RULES, request(), b"old")
    miss = cache.lookup(RULES, request(cache_control=b"no-cache"))
    assert isinstance(miss, Miss)
    cache.store(miss, kept(b"new", clock.now, clock.now + 60))
    hit = cache.lookup(RULES, request())

    assert isinstance(hit, Hit)
    assert hit.kept.pieces == [b"new"]


def test_only_a_kept_answer_may_be_wanted() -> None:
    """Also where an answer would not be kept at all."""
    cache = Cache(1 << 20)
    warm = b'{"temperature":1}'

    for body in (BODY, warm):
        miss = cache.lookup(RULES, request(body=body, cache_control=b"only-if-cached"))
        assert isinstance(miss, Miss)
        assert miss.directives.only


names = st.sampled_from(["a", "b", "team a", "key a", "a\x00", ""])


@given(st.lists(st.tuples(names, st.integers(0, 3), st.booleans()), max_size=40))
def test_nobody_ever_gets_an_answer_that_another_tenant_was_given(steps: list[tuple[str, int, bool]]) -> None:
    """Whoever asks what in whatever order: what is found was kept for the same tenant and the same question."""
    cache = Cache(1 << 20)
    for tenant, number, keeps in steps:
        asked = request(tenant, b'{"temperature":0,"seed":%d}' % number)
        found = cache.lookup(RULES, asked)
        mark = f"{tenant}/{number}".encode()
        if isinstance(found, Hit):
            assert found.kept.pieces == [mark]
        elif isinstance(found, Miss) and keeps:
            at, until = cache.expires(found)
            cache.store(found, kept(mark, at, until))


class Bounded(RuleBasedStateMachine):
    """Whatever is done, the bytes are counted right and stay below the bound."""

    @initialize(most=st.integers(0, 40_000))
    def begin(self, most: int) -> None:
        self.memory = Memory(most)
        self.now = 0.0

    @rule(key=st.binary(min_size=1, max_size=1), size=st.integers(0, 6_000), lasts=st.integers(-5, 50))
    def put(self, key: bytes, size: int, lasts: int) -> None:
        fits = self.memory.put(key, kept(b"x" * size, self.now, self.now + lasts))
        assert fits == (kept(b"x" * size).size * LARGEST <= self.memory.most_bytes)

    @rule(key=st.binary(min_size=1, max_size=1), after=st.integers(0, 20))
    def get(self, key: bytes, after: int) -> None:
        self.now += after
        found = self.memory.get(key, self.now)
        assert found is None or found.until > self.now

    @rule(key=st.binary(min_size=1, max_size=1), size=st.integers(0, 6_000))
    def grow(self, key: bytes, size: int) -> None:
        found = self.memory.get(key, self.now)
        if found is not None:
            found.other = [b"y" * size]
            self.memory.grew(key)

    @rule(most=st.integers(0, 40_000))
    def resize(self, most: int) -> None:
        self.memory.resize(most)

    @rule(key=st.binary(min_size=1, max_size=1))
    def drop(self, key: bytes) -> None:
        self.memory.drop(key)

    @invariant()
    def bounded(self) -> None:
        if hasattr(self, "memory"):
            entries = self.memory._kept.values()
            assert self.memory.bytes == sum(entry.size for entry in entries) <= self.memory.most_bytes


TestBounded = Bounded.TestCase
TestBounded.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_least_recently_used_goes_first() -> None:
    """What was asked for lately stays."""
    memory = Memory(LARGEST * kept().size)
    for number in range(LARGEST):
        memory.put(b"%d" % number, kept())
    memory.get(b"0", 1.0)
    memory.put(b"new", kept())

    assert memory.get(b"0", 1.0) is not None
    assert memory.get(b"1", 1.0) is None
    assert memory.dropped == 1
