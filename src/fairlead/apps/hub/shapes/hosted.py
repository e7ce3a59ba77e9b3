"""Anthropic's messages at another address: the model in the path, the version in the body, the rest as Anthropic's.

For providers only: no client speaks it to the hub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import Asked, Headers, Place, Sent, StreamReader, StreamWriter, anthropic
from fairlead.apps.hub.shapes.renaming import taken_apart

OURS = anthropic.Anthropic()


class HostedAnthropic:
    """A shape says where a call goes (`told`), and what differs in streams and errors."""

    name: str
    version: str
    """`anthropic_version` in the body."""
    places: Sequence[Place] = ()
    stream_type = b"text/event-stream"

    def told(self, chat: Chat, fields: dict[str, object], headers: Mapping[str, str]) -> Sent:
        """The call, of Anthropic's fields without model and stream."""
        raise NotImplementedError

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """No client speaks it."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """No client speaks it."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """No client speaks it."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """No client speaks it."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def writer(self, call: Chat) -> StreamWriter:
        """No client speaks it."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """As Anthropic's."""
        return OURS.write_failure(failure)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        sent = OURS.write_call(call)
        if isinstance(call, Plain):
            raise Unsayable(f"{self.name} has no words for a call of the kind `{call.operation}`")
        fields = taken_apart(sent.body)
        said = {name: value for name, value in fields.items() if name not in ("model", "stream")}
        headers = {name: value for name, value in sent.headers.items() if name != "anthropic-version"}
        return self.told(call, {"anthropic_version": self.version} | said, headers)

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return OURS.read_reply(call, headers, body)

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return OURS.reader(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return OURS.usage(operation, body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return OURS.read_failure(status, headers, body)


def betas(headers: Mapping[str, str]) -> list[str]:
    """The features that are asked for by header, for who takes them in the body."""
    return [one.strip() for one in headers.get("anthropic-beta", "").split(",") if one.strip()]
