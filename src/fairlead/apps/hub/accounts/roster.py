"""All keys and their limits, from the configuration and from the store, made ready for requests.

Meters outlive a new configuration: who has spent half of a budget has spent half of it afterwards, too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.keys import Account, Keyring, Models, prepared
from fairlead.apps.hub.accounts.limits import Rule, rules
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.accounts.stores import KeyRow

log = logging.getLogger(__name__)


class Roster:
    """Writes the keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._config = config.Config()
        self._issued: dict[str, KeyRow] = {}
        self._meters: dict[str, Meter] = {}
        self.change = 0
        """The last change of a key in the store that is known here."""

    def declare(self, declared: config.Config) -> None:
        """Another configuration."""
        self._config = declared
        self._write()

    def learn(self, rows: Iterable[KeyRow]) -> None:
        """Keys that were made or revoked while the hub runs."""
        for row in rows:
            self._issued[row.digest] = row
            self.change = max(self.change, row.change)
        self._write()

    @property
    def meters(self) -> Iterable[Meter]:
        """All that is limited now."""
        return self._meters.values()

    def _write(self) -> None:
        before, self._meters = self._meters, {}
        self._keyring.replace(self._limited(name, key, before) for name, key in self._keys())
        self._keyring.open = (
            Account("", "", None, frozenset(), Models(None), float("inf")) if self._config.open else None
        )

    def _keys(self) -> Iterator[tuple[str, config.Key]]:
        yield from self._config.keys.items()
        for row in self._issued.values():
            if not row.revoked:
                try:
                    yield row.name, config.Key.model_validate_json(row.fields)
                except ValidationError as error:
                    log.warning("the key %s can't be used: %d of its fields are wrong", row.name, error.error_count())

    def _limited(self, name: str, key: config.Key, before: dict[str, Meter]) -> Account:
        account = prepared(name, key)
        team = self._config.teams.get(key.team) if key.team else None
        found = rules("key", name, key.limits) + (rules("team", key.team or "", team.limits) if team else [])
        everywhere = [rule for rule in found if rule.model is None]
        account.meters = tuple(self._meter(rule, before) for rule in everywhere)
        account.of_model = {
            model: tuple(self._meter(rule, before) for rule in found if rule.model in (None, model))
            for model in {rule.model for rule in found if rule.model is not None}
        }
        return account

    def _meter(self, rule: Rule, before: dict[str, Meter]) -> Meter:
        meter = self._meters.get(rule.counter) or before.get(rule.counter) or Meter(rule, time.time())
        meter.rule = rule
        self._meters[rule.counter] = meter
        return meter
