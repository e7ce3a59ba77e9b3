"""Where secrets are said rather than set: prompts, tickets, logs, chats in several languages; and keys with lines."""

from __future__ import annotations

import json
import textwrap

from bench.guard.quality.draws import Draw
from bench.guard.quality.places import LINES, QUOTED, Place, Writes, camel


def words(name: str) -> str:
    """`DB_PASSWORD` as "db password"."""
    return name.lower().replace("_", " ")


def _prompt(d: Draw, name: str, value: str) -> str:
    return d.one((
        f"Can you help me find out why this fails?\n\n```python\n{name} = \"{value}\"\nrun()\n```\n\nIt prints 403.",
        f"I get a 401 from the service. My {words(name)} is {value} and I call it from a lambda. What could be wrong?",
        f"write a docker compose file for my app, use {name}={value} and expose port 8080",
        f"Please connect with these credentials:\n\n- host: db.internal\n- user: app\n- {words(name)}: {value}\n",
    ))  # fmt: skip


def _ticket(d: Draw, name: str, value: str) -> str:
    return (
        f"OPS-{d.digits(4)}: importer fails after the move\n\nSteps:\n1. ssh to batch-0{d.between(1, 9)}\n"
        f"2. set {name} to `{value}`\n3. run `make import`\n\nExpected: rows are imported. Seen: exit status 2.\n"
    )


def _log(d: Draw, name: str, value: str) -> str:
    stamp = f"2026-0{d.between(1, 9)}-1{d.between(0, 9)}T08:{d.between(10, 59)}:07.{d.digits(3)}Z"
    line = d.one((
        f"DEBUG loaded settings {camel(name)}={value} region=eu-west-1",
        f'WARN  request failed body={{"{camel(name)}":"{value}","retry":3}}',
        f"INFO  starting with --{name.lower().replace('_', '-')} {value} --port 8080",
    ))  # fmt: skip
    return f"{stamp} INFO  boot worker={d.between(1, 9)}\n{stamp} {line}\n{stamp} INFO  ready in {d.digits(3)} ms\n"


def _request(_: Draw, name: str, value: str) -> str:
    return (
        f"POST /v1/login HTTP/1.1\nHost: api.acme.dev\nContent-Type: application/json\nUser-Agent: curl/8.5.0\n\n"
        f'{{"user": "svc", "{name.lower()}": "{value}"}}\n'
    )


def _curl(_: Draw, __: str, value: str) -> str:
    return (
        "Get the list of builds like this:\n\n"
        f"    curl -sS -H 'Authorization: Bearer {value}' https://api.acme.dev/v1/builds\n\nand pick the newest.\n"
    )


def _readme(d: Draw, name: str, value: str) -> str:
    return d.one((
        f"\n## Local set-up\n\nExport the settings first:\n\n    export {name}={value}\n\nThen run `make dev`.\n",
        f"\n## Access\n\n| what | value |\n|---|---|\n| host | db.acme.dev |\n| {words(name)} | `{value}` |\n",
        f"\nLog in with `admin` and the {words(name)} `{value}` to see the board.\n",
    ))  # fmt: skip


_SAID = {
    "English": ("hey, the new {name} is {value} - don't lose it", "{name}: {value}", "use {value} as {name} for now"),
    "German": ("Hallo zusammen, das Passwort lautet {value}, bitte nicht weitergeben.", "Neues Passwort: {value}",
               "Zugangsdaten: Benutzer admin, Kennwort: {value}"),
    "French": ("Bonjour, le mot de passe est {value}, merci de le changer vite.", "Mot de passe : {value}"),
    "Spanish": ("Hola, la contraseña es {value}, cámbiala luego.", "Contraseña: {value}"),
    "Portuguese": ("A senha do banco é {value}, não compartilhe.", "Senha: {value}"),
    "Italian": ("La password del server è {value}", "Password: {value}"),
    "Dutch": ("Het wachtwoord is {value}, graag morgen wijzigen.", "Wachtwoord: {value}"),
    "Polish": ("Hasło do bazy to {value}", "Hasło: {value}"),
    "Russian": ("Пароль от базы: {value}", "новый пароль {value}, не теряй"),
    "Chinese": ("数据库密码是 {value} ，请不要外传", "密码：{value}"),  # noqa: RUF001 - as it is written there
    "Japanese": ("パスワードは {value} です", "パスワード: {value}"),
    "Turkish": ("Yeni şifre: {value}",),
}  # fmt: skip


def _chat(language: str) -> Writes:
    def write(d: Draw, name: str, value: str) -> str:
        said = d.one(_SAID[language]).format(name=words(name), value=value)
        return f"[10:{d.between(10, 59)}] maria: ok?\n[10:59] tom: {said}\n[11:02] maria: 👍\n"

    return write


SPOKEN = (
    Place("prompt", "prompt.txt", _prompt),
    Place("ticket", "ticket.txt", _ticket),
    Place("log", "app.log", _log),
    Place("HTTP request", "request.http", _request, QUOTED),
    Place("documentation", "README.md", _readme, host="md"),
    Place("chat in English", "chat.txt", _chat("English")),
)
HEADER = Place("curl with a header", "NOTES.md", _curl)
"""Only for tokens: nobody sends a password so."""
CHATS = tuple(Place(f"chat in {language}", "chat.txt", _chat(language)) for language in _SAID if language != "English")
"""Only for passwords: their words name no other kind of secret."""


def _indented(value: str, by: int) -> str:
    return textwrap.indent(value, " " * by)


BLOCKS = (
    Place("file of its own", "server.key", lambda _, __, value: value + "\n", LINES),
    Place(
        "YAML block",
        "values.yaml",
        lambda _, name, value: f"tls:\n  {camel(name)}: |\n{_indented(value, 4)}\nport: 1\n",
        LINES,
        shown=lambda value: _indented(value, 4).lstrip(),
    ),
    Place("Python, three quotes", "keys.py", lambda _, name, value: f'{name} = """{value}"""\n', LINES, host="py"),
    Place(
        "JSON, escaped",
        "account.json",
        lambda _, name, value: json.dumps({"type": "service", name.lower(): value + "\n"}, indent=1),
        LINES,
        shown=lambda value: json.dumps(value)[1:-1],
    ),
    Place(
        "prompt",
        "prompt.txt",
        lambda _, __, value: f"What kind of key is this?\n\n{value}\n\nAnd how do I use it?",
        LINES,
    ),
)
