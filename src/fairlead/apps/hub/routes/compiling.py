"""The configuration turned into a table. Every problem is named, and with any of them there is no table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from fairlead.apps.hub import config
from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.providers import PROVIDERS, Login, Provider, Unready
from fairlead.apps.hub.providers.addresses import address
from fairlead.apps.hub.routes.pace import Pace
from fairlead.apps.hub.routes.standing import Standing
from fairlead.apps.hub.routes.table import Route, Table
from fairlead.apps.hub.routes.targets import Free, Host, Lane, Price, Target, lines_of
from fairlead.apps.hub.shapes import Sent
from fairlead.errors import FairleadError, UsageError
from fairlead.kit.suggest import hint

Pricing = Callable[[str, str], Price | None]
"""The price of a model, by the kind of its provider and its name."""

PORTS = {"http": 80, "https": 443}


class Misconfigured(FairleadError):
    """The configuration can't be used; `problems` has all that is wrong with it."""

    exit_code = 3

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def unpriced(kind: str, model: str) -> Price | None:
    """No prices are known."""
    return None


@dataclass(slots=True)
class Surroundings:
    """What a configuration is compiled with, beside what it says."""

    standing: Standing
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    pricing: Pricing = unpriced
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Of providers that were started as part of this process, by their kind."""


def compiled(config: config.Config, around: Surroundings) -> Table:
    """The table. Raises `Misconfigured`."""
    compiler = _Compiler(config, around)
    table = compiler.table()
    if compiler.problems:
        around.standing.forget()
        raise Misconfigured(compiler.problems)
    around.standing.settle()
    return table


class _Compiler:
    """One compilation; problems are collected, so that all are named at once."""

    def __init__(self, config: config.Config, around: Surroundings) -> None:
        self._config = config
        self._around = around
        self._hosts: dict[str, Host] = {}
        self.problems: list[str] = []

    def table(self) -> Table:
        for name, provider in self._config.providers.items():
            self._add(name, provider)
        routes: dict[str, list[Route]] = {}
        for label, route in self._config.models.items():
            made = self._route(label, route)
            routes.setdefault(made.model, []).append(made)
        self._check_keys()
        self._check_embeddings("cache", self._config.cache)
        self._check_guard()
        hosts, around, guard = self._hosts, self._around, self._config.guard
        return Table(self._config, hosts, routes, lambda model: _direct(hosts, around, guard, model))

    # providers

    def _add(self, name: str, said: config.Provider) -> None:
        try:
            self._hosts[name] = self._host(name, said)
        except (UsageError, Unsayable) as error:
            message = str(error) if str(error).startswith("providers.") else f"providers.{name}: {error}"
            self.problems.append(message + _mended(getattr(error, "hint", None)))

    def _host(self, name: str, said: config.Provider) -> Host:
        kind = PROVIDERS.get(said.kind or name)
        where = self._around.addresses.get(kind.name) if said.url is None else None
        found = where or address(name, kind.url, said.settings, said.url)
        parts = urlsplit(found)
        scheme, host = parts.scheme, parts.hostname or ""
        if scheme not in PORTS or not host:
            raise UsageError(f"providers.{name}.url: should be http(s)://host[:port][/path]")
        pool = self._around.standing.pool(scheme, host, parts.port or PORTS[scheme])
        lanes = tuple(self._lane(name, found, kind, said, *login) for login in self._logins(name, kind, said))
        authority = parts.netloc.rpartition("@")[2].encode("idna" if not host.isascii() else "ascii")
        lenient = said.unsupported == "ignore"
        return Host(name, kind, found, authority, parts.path, pool, lanes, said.timeouts, said.settings, lenient)

    def _logins(self, name: str, kind: Provider, said: config.Provider) -> list[tuple[Login, float]]:
        """Its keys with their weights; without any, that of the usual variable; without one, none is needed."""
        asked = said.keys or ([config.Login(env=kind.variable)] if kind.variable else [])
        found = []
        for login in asked:
            value = self._around.environ.get(login.env, "")
            if not value and (said.keys or said.url is None):
                self.problems.append(f"providers.{name}: the variable {login.env} is not set")
            found.append((Login(login.env, value, said.settings), login.weight))
        return found or [(Login("none", "", said.settings), 1.0)]

    def _lane(self, name: str, where: str, kind: Provider, said: config.Provider, login: Login, weight: float) -> Lane:
        breaker = self._around.standing.breaker((name, where, login.name, login.value), said.cool_down)
        return Lane(
            login, weight, breaker, lines_of(kind.headers(login)), _signs(kind, login, where), kind.keeper(login)
        )

    # routes

    def _route(self, label: str, said: config.Route) -> Route:
        where = f"models.{label}"
        if not said.targets:
            self.problems.append(f"{where}.targets: names nobody who answers")
        if said.shadow is not None:
            self._check_model(f"{where}.shadow.to", said.shadow.to)
        self._check_embeddings(f"{where}.cache", said.cache)
        return Route(
            model=label.partition("#")[0],
            targets=self._targets(f"{where}.targets", said.targets, said.unsupported),
            fallbacks=self._targets(f"{where}.fallbacks", said.fallbacks, said.unsupported),
            balance=said.balance,
            retries=said.retries,
            timeouts=said.timeouts,
            hedge_s=said.hedge or None,
            headers={name.lower().encode(): value.encode() for name, value in said.headers.items()},
            tags=frozenset(said.tags),
            cache=said.cache,
            guard=said.guard or self._config.guard,
            shadow=said.shadow,
            label=label,
        )

    def _targets(
        self, where: str, said: Sequence[config.Target], unsupported: config.Unsupported | None
    ) -> tuple[Target, ...]:
        found = [self._target(f"{where}[{number}]", one, unsupported) for number, one in enumerate(said)]
        return tuple(target for target in found if target is not None)

    def _target(self, where: str, said: config.Target, unsupported: config.Unsupported | None) -> Target | None:
        name, _, model = said.to.partition("/")
        host = self._hosts.get(name)
        if host is None:
            if name not in self._config.providers:
                mended = _mended(hint(name, self._config.providers))
                self.problems.append(f"{where}: unknown provider {name}{mended}")
            return None
        if unsupported is not None:
            host = replace(host, lenient=unsupported == "ignore")
        pace = self._around.standing.pace((name, host.address, model))
        return Target(host, model, said.weight, pace, self._around.pricing(host.kind.name, model) or Free())

    def _check_guard(self) -> None:
        said = self._config
        if said.guard_key is None:
            return
        if said.guard_url is None:
            self.problems.append("guard_key: is for a guard app, and `guard_url` names none")
        elif not self._around.environ.get(said.guard_key):
            self.problems.append(f"guard_key: the variable {said.guard_key} is not set")

    def _check_embeddings(self, where: str, said: object) -> None:
        if isinstance(said, config.CachePolicy) and said.embeddings is not None:
            self._check_model(f"{where}.embeddings", said.embeddings)

    def _check_model(self, where: str, name: str) -> None:
        """Whether the hub itself could be asked for it."""
        known = {label.partition("#")[0] for label in self._config.models}
        provider, _, model = name.partition("/")
        if name not in known and not (model and provider in self._config.providers):
            mended = _mended(hint(name, [*known, *(f"{one}/{model}" for one in self._config.providers if model)]))
            self.problems.append(f"{where}: unknown model {name}{mended}")

    def _check_keys(self) -> None:
        admin = self._config.admin_key
        if admin is not None and not self._around.environ.get(admin):
            self.problems.append(f"admin_key: the variable {admin} is not set")
        for name, key in self._config.keys.items():
            if key.team is not None and key.team not in self._config.teams:
                mended = _mended(hint(key.team, self._config.teams))
                self.problems.append(f"keys.{name}.team: unknown team {key.team}{mended}")


def _mended(suggestion: str | None) -> str:
    return f" ({suggestion})" if suggestion else ""


def _direct(hosts: Mapping[str, Host], around: Surroundings, guard: config.GuardPolicy, asked: str) -> Route | None:
    """The route of `provider/model`."""
    name, _, model = asked.partition("/")
    host = hosts.get(name)
    if host is None or not model:
        return None
    target = Target(host, model, 1.0, Pace(), around.pricing(host.kind.name, model) or Free())
    return Route(asked, (target,), guard=guard, label=asked)


def _signs(kind: Provider, login: Login, where: str) -> bool:
    """Whether every request is authorized on its own, found out by asking for it once."""
    try:
        return kind.sign(login, "POST", where + "/", Sent("/", {}, b""), 0.0) is not None
    except Unready:
        return True
