"""Variables that every cloud's root modules have: who is told, and passwords that only whoever applies knows."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, Raw, variable
from fairlead.stack.model.objectives import Channel

UNSET = "unset"
"""In place of a password that was not given. A write-only value that is not new is not looked at."""


def of_people(site: Site) -> Iterator[Block]:
    """Mail addresses of the budget, and where channels are."""
    yield variable(
        "mail",
        "list(string)",
        "Addresses that are told when the budget is nearly gone.",
        default=[channel.to for channel in site.stack.watching.channels.values() if channel.kind == "mail"],
    )
    for name, channel in told(site).items():
        yield variable(
            f"{snake(name)}_url",
            "string",
            f"The https address of the channel {name} ({_words(channel)}), which is a secret; none tells it nothing.",
            sensitive=True,
            default=Raw("null"),
        )


def told(site: Site) -> dict[str, Channel]:
    """Channels that are told by a request, by name."""
    watching = site.stack.watching
    used = {*watching.critical, *watching.warning}
    return {name: one for name, one in watching.channels.items() if one.kind != "mail" and name in used}


def of_passwords(site: Site, *, tokens: bool) -> Iterator[Block]:
    """Given at the first apply and when they are changed; ephemeral, so in no plan and no state."""
    if not site.has("postgres"):
        if tokens:
            yield _tokens()
        return
    yield variable(
        "passwords",
        "map(string)",
        "Store -> its password: at the first apply, and with a new `passwords_version`.",
        sensitive=True,
        ephemeral=True,
        default={},
    )
    yield variable("passwords_version", "number", "Raise it to put new `passwords` in.", default=1)
    if tokens:
        yield _tokens()


def password(store: str) -> str:
    """The expression of a store's password; what stands in for none is too short for every cloud."""
    return f'lookup(var.passwords, "{store}", "{UNSET}")'


def _tokens() -> Block:
    return variable(
        "tokens",
        "map(string)",
        "Redis or search store -> its password of at least 16 characters. The state has it: let few read the state.",
        sensitive=True,
        default={},
    )


def _words(channel: Channel) -> str:
    return channel.kind + (f", {channel.to}" if channel.to else "")
