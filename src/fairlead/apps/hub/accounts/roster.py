"""All keys and teams and their limits, from the configuration and from the store, made ready for requests.

Meters outlive a new configuration: who has spent half of a budget has spent half of it afterwards, too. A key that
changes is prepared alone: with ten thousand keys all of them would take a third of a second, in which nobody is served.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from urllib.parse import quote

from pydantic import ValidationError

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.keys import Account, Keyring, Models, prepared, stored
from fairlead.apps.hub.accounts.limits import MONEY, Rule, rules
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.accounts.stores import KeyRow, TeamRow
from fairlead.apps.hub.calls import Failure

MOST_ALONE = 100
"""Keys that changed at once; with more, all are prepared again."""

log = logging.getLogger(__name__)


class Roster:
    """Writes the keyring. What the configuration says of a name goes before what the store says."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._config = config.Config()
        self._issued: dict[str, KeyRow] = {}
        self._made_teams: dict[str, TeamRow] = {}
        self._meters: dict[str, Meter] = {}
        self._changed: dict[str, Meter] = {}
        self.teams: Mapping[str, config.Team] = {}
        """Declared or made."""
        self.change = 0
        """The last change of a key in the store that is known here."""
        self.team_change = 0
        """The same of a team. Not one number for both: a change between the two questions would be skipped."""

    def declare(self, declared: config.Config) -> None:
        """Another configuration."""
        self._config = declared
        self._write()

    def learn(self, keys: Sequence[KeyRow], teams: Sequence[TeamRow] = ()) -> None:
        """What was made, changed or revoked while the hub runs."""
        for row in keys:
            self._issued[row.digest] = row
            self.change = max(self.change, row.change)
        for team in teams:
            self._made_teams[team.name] = team
            self.team_change = max(self.team_change, team.change)
        if teams or len(keys) > MOST_ALONE:
            self._write()
        else:
            self._revise(keys)

    @property
    def meters(self) -> Iterable[Meter]:
        """All that is limited now."""
        return self._meters.values()

    def changed(self) -> list[Meter]:
        """Those that are new, or may have another limit, since this was last asked."""
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def declares(self, team: str) -> bool:
        """Whether a team stands in the configuration, and not in the store."""
        return team in self._config.teams

    def _write(self) -> None:
        before, self._meters = self._meters, {}
        self.teams = dict(self._teams())
        limited = [self._limited(name, key, until, before) for name, key, until in self._keys()]
        self._keyring.replace(limited)
        self._keyring.open = Account("", "", None, frozenset(), Models(None), inf) if self._config.open else None

    def _revise(self, rows: Iterable[KeyRow]) -> None:
        """Only these; what the configuration says stays."""
        declared = {key.sha256 for key in self._config.keys.values()}
        theirs = tuple({f"key|{quote(row.name)}|" for row in rows})
        before = {counter: meter for counter, meter in self._meters.items() if counter.startswith(theirs)}
        for counter in before:
            del self._meters[counter]
        for row in rows:
            if row.digest not in declared:
                found = [self._limited(*one, before) for one in self._made([row])]
                self._keyring.put(row.digest, found[0] if found else None)

    def _teams(self) -> Iterator[tuple[str, config.Team]]:
        for row in self._made_teams.values():
            if not row.gone:
                try:
                    yield row.name, config.Team.model_validate_json(row.fields)
                except ValidationError as error:
                    log.warning("the team %s can't be used: %d of its fields are wrong", row.name, error.error_count())
        yield from self._config.teams.items()

    def _keys(self) -> Iterator[tuple[str, config.Key, float]]:
        """Name, key, and when this value of it ends."""
        for name, key in self._config.keys.items():
            yield name, key, inf
        yield from self._made(self._issued.values())

    def _made(self, rows: Iterable[KeyRow]) -> Iterator[tuple[str, config.Key, float]]:
        now = time.time()
        for row in rows:
            until = inf if row.until is None else row.until
            if row.revoked or until <= now:
                continue
            try:
                yield row.name, stored(row.fields, row.digest), until
            except ValidationError as error:
                log.warning("the key %s can't be used: %d of its fields are wrong", row.name, error.error_count())

    def _limited(self, name: str, key: config.Key, until: float, before: dict[str, Meter]) -> Account:
        account = prepared(name, key)
        account.expires = min(account.expires, until)
        team = self.teams.get(key.team) if key.team is not None else None
        if key.team is not None and team is None:
            account.refused = teamless(key.team)
        found = rules("key", name, key.limits) + (rules("team", key.team or "", team.limits) if team else [])
        account.pays = any(rule.measure == MONEY for rule in found)
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
        self._meters[rule.counter] = self._changed[rule.counter] = meter
        return meter


def teamless(team: str) -> Failure:
    """Without its team a key would be without its team's limits."""
    message = f"the team {team} of this key is not declared: an administrator has to make it, or to take the key out"
    return Failure("forbidden", message, 403, code="team_not_declared")
