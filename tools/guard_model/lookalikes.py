"""What stands where a secret could and is none: stand-ins, templates, names of code, digests, ids, sentences, paths."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

from tools.guard_model import names
from tools.guard_model.secrets import COMMON, ENGLISH, PEOPLE
from tools.guard_model.written import (
    NOUNS,
    a_noun,
    digest,
    encrypted,
    ident,
    image,
    number,
    password_hash,
    path,
    public_key,
    random_id,
    reference,
    url,
    url_template,
)

Make = Callable[[Random, str], str]
"""Makes a value, given the name that it is assigned to."""

CASES = ("snake", "screaming", "camel", "kebab", "pascal", "dotted")
VERBS = ("get load read fetch create make build find resolve decode parse generate prompt_for lookup derive").split()


def _words(lot: Random, least: int = 1, most: int = 3) -> str:
    return "_".join(lot.choice((*NOUNS, *ENGLISH[:800], *ENGLISH[:800])) for _ in range(lot.randint(least, most)))


def stand_in(lot: Random, name: str) -> str:
    noun = lot.choice((a_noun(lot), name.lower() or "password"))
    joint = lot.choice("-_ ")
    said = lot.choice((
        f"your{joint}{noun}", f"your{joint}{noun}{joint}here", f"<{noun}>", f"<your{joint}{noun}>", f"my{joint}{noun}",
        "changeme", "change-me", "CHANGEME", "change_this", "changeit", "replace-me", "REPLACE_ME", f"insert{joint}{noun}",
        f"example{joint}{noun}", f"{noun}{joint}example", f"fake{joint}{noun}", f"dummy{joint}{noun}", f"test{joint}{noun}",
        f"sample{joint}{noun}", f"mock{joint}{noun}", f"some{joint}{noun}", f"a{joint}{noun}", f"the{joint}{noun}",
        f"{noun}{joint}here", f"put{joint}your{joint}{noun}{joint}here", "placeholder", "xxxxxxxx", "XXXXXXXXXXXX",
        "********", "••••••••", "...", "TODO", "FIXME", "REDACTED", "[REDACTED]", "<redacted>", "<hidden>", "[FILTERED]",
        "***", "*****", "xxx", "xxxx-xxxx-xxxx", "0000000000000000", "1234567890abcdef", "abcdefghijklmnop", "none",
        f"enter{joint}{noun}", f"set{joint}{noun}", f"no{joint}{noun}", f"not{joint}a{joint}real{joint}{noun}",
        f"invalid{joint}{noun}", f"wrong{joint}{noun}", f"bad{joint}{noun}", f"valid{joint}{noun}", f"new{joint}{noun}",
        f"old{joint}{noun}", f"current{joint}{noun}", f"default{joint}{noun}", f"{noun}{joint}value", f"{noun}-123",
        f"{noun}1", f"{noun}123", f"another{joint}{noun}", f"unused{joint}{noun}", f"TEST{joint}{noun.upper()}",
    ))  # fmt: skip
    return lot.choice((said, said, said.upper(), said.capitalize()))


def test_word(lot: Random, name: str) -> str:
    """What tests write."""
    word = lot.choice(("test", "foo", "bar", "baz", "dummy", "fake", "abc", "mock", "secret", "sample", "demo", "spam"))
    return word + lot.choice(
        ("", "", "-1", "_2", "1", "123", "-abc", "bar", "_value", "-x", "ing", "test", "-" + a_noun(lot))
    )


def template(lot: Random, name: str) -> str:
    upper = names.cased(_words(lot, 1, 2).replace("-", "_"), "screaming") if lot.random() < 0.5 else name.upper()
    lower = upper.lower()
    return lot.choice((
        f"${{{upper}}}", f"${upper}", f"${{{upper}:-}}", f"${{{upper}:?missing}}", f"{{{{ {lower} }}}}", f"{{{{{lower}}}}}",
        f"{{{{ .Values.{lower} }}}}", f"%({lower})s", f"%{upper}%", f"<%= {lower} %>", f"#{{{lower}}}", f"{{{lower}}}",
        f"${{{{ secrets.{upper} }}}}", f"@{upper}@", f"__{upper}__", f"$({upper})", f"${{env:{upper}}}", f"var.{lower}",
        f"${{var.{lower}}}", f"<{lower}>", f"[{lower}]", f"${{{lower}.value}}", "%s", "{0}", "{}", "$1", "$$", "${}", "?",
        f"!secret {lower}", f"!Ref {lower}", f"{{{{resolve:secretsmanager:{lower}}}}}", f":{lower}", f"@{lower}",
        f"env({upper})", f"env:{upper}", f"file:/run/secrets/{lower}", f"vault:secret/data/{lower}#value",
    ))  # fmt: skip


def call(lot: Random, name: str) -> str:
    noun = a_noun(lot).replace("-", "_")
    obj = lot.choice(
        ("self", "this", "config", "settings", "os", "process.env", "options", "args", "request", "user", "cfg")
    )
    return lot.choice((
        f"{obj}.{noun}", f"{obj}.{names.cased(noun, 'camel')}", f"get_{noun}()", f"{obj}.get('{noun}')", f"{lot.choice(VERBS)}_{noun}(user)",
        f"os.environ['{noun.upper()}']", f'os.getenv("{noun.upper()}")', f"process.env.{noun.upper()}", f"System.getenv(\"{noun.upper()}\")",
        f"{obj}['{noun}']", f"{obj}[:{noun}]", f"ENV['{noun.upper()}']", f"{noun}.strip()", f"str({noun})", f"{noun}?.trim()", f"{noun},",
        f"hash({noun})", f"new {names.cased(noun, 'pascal')}()", f"await {lot.choice(VERBS)}{names.cased(noun, 'pascal')}(", f"{noun});",
        "getpass.getpass()", f"input('{noun}: ')", f"bcrypt.hash({noun},10)", f"req.body.{noun}", f"$this->{noun}", f"{noun}||''",
        "Optional[str]", "string | undefined", "z.string().min(8)", "random.choice(", "secrets.token_hex(32)", "uuid4().hex", f"&{noun}",
        f"params[:{noun}]", f"@{noun}", f"*{noun}", f"${noun}", f"data.{noun}.value", f"lambda:{noun}", "e.target.value", f"{noun}=None):",
    ))  # fmt: skip


def own_name(lot: Random, name: str) -> str:
    case = lot.choice(CASES)
    bare = name or a_noun(lot)
    return lot.choice(
        (
            bare,
            bare.lower(),
            names.cased(bare.replace("-", "_"), case),
            f"user_{bare}",
            f"{bare}Field",
            f"{bare}_input",
            f"_{bare}",
            f"{bare}s",
            f"{bare}.value",
            f"new{bare}",
        )
    )


def identifier(lot: Random, name: str) -> str:
    return names.cased(_words(lot, 1, 4).replace("-", "_"), lot.choice(CASES))


def name_with_number(lot: Random, name: str) -> str:
    return (
        names.cased(_words(lot, 1, 3).replace("-", "_"), lot.choice(CASES))
        + lot.choice(("", "-", "_", ".", "-v"))
        + str(lot.randrange(0, 20))
    )


def dotted_version_name(lot: Random, name: str) -> str:
    base = "-".join(lot.choice(ENGLISH[:2000]) for _ in range(lot.randint(1, 3)))
    return (
        base
        + lot.choice(("-", "@", ":", "==", "/v"))
        + f"{lot.randrange(9)}.{lot.randrange(20)}"
        + lot.choice(("", ".0", "-pro", "-turbo", "-alpine", "-preview-06-05", "rc1", "-mini", ".dev3"))
    )


def kind(lot: Random, name: str) -> str:
    return lot.choice((
        "string", "str", "String", "Optional[str]", "varchar(255)", "VARCHAR(64)", "bytes", "[]byte", "SecretStr", "char*",
        "None", "null", "nil", "undefined", "true", "false", "True", "False", "NULL", "empty", "required", "optional", "text",
        "password", "hidden", "basic", "bearer", "Bearer", "oauth2", "apiKey", "header", "query", "PASSWORD", "TEXT",
        "current-password", "new-password", "one-time-code", "username", "Password", "Token", "utf-8", "HS256", "RS256",
        "AES-256-GCM", "scram-sha-256", "md5", "sha256", "ES256", "aes-256-cbc", "caching_sha2_password", "mysql_native_password",
    ))  # fmt: skip


def css(lot: Random, name: str) -> str:
    words = [
        lot.choice(
            (
                "btn",
                "form",
                "input",
                "field",
                "text",
                "col",
                "md",
                "flex",
                "px-4",
                "icon",
                "modal",
                "is",
                "bg",
                "label",
                "mt-2",
                "w-full",
                *NOUNS,
            )
        )
        for _ in range(lot.randint(2, 4))
    ]
    return lot.choice((".", "#", "", "", "fa-")) + lot.choice(("-", "__", "--", " ")).join(words)


def i18n(lot: Random, name: str) -> str:
    return ".".join(
        lot.choice((*ENGLISH[:1500], *NOUNS, "auth", "login", "errors", "labels")) for _ in range(lot.randint(2, 4))
    )


def sentence(lot: Random, name: str) -> str:
    noun = lot.choice(("password", "token", "secret", "API key", "passphrase"))
    return lot.choice(
        (
            f"Enter your {noun}",
            f"Forgot {noun}?",
            f"Invalid {noun}",
            f"{noun.capitalize()} is required",
            f"Please enter a {noun}",
            f"Your {noun} has expired",
            f"The {noun} must have at least 8 characters",
            f"{noun.capitalize()}:",
            f"Confirm {noun}",
            "Passwort vergessen?",
            "Mot de passe oublié",
            "Introduzca su contraseña",
            "密码",
            "パスワード",
            "Пароль",
            f"{noun.capitalize()}s do not match",
            f"Reset {noun}",
            f"Show {noun}",
            f"{noun} for {lot.choice(ENGLISH)}",
            "Senha inválida",
            " ".join(lot.choice(ENGLISH[:1500]) for _ in range(lot.randint(2, 7))),
        )
    )


def said_word(lot: Random, name: str) -> str:
    """The word after "the password is"."""
    return lot.choice((
        "required", "incorrect", "invalid", "wrong", "expired", "missing", "empty", "correct", "stored", "not", "hashed",
        "encrypted", "optional", "valid", "needed", "used", "generated", "provided", "protected", "validated", "secure",
        "case-sensitive", "too", "already", "being", "always", "never", "sensitive", "limited", "checked", "rejected",
        "revoked", "shown", "ignored", "supplied", "obtained", "returned", "passed", "derived", "requested", "available",
        "visible", "configured", "set", "unchanged", "reset", "shared", "blank", "rotated", "refreshed", "updated", "longer",
        "weak", "compromised", "issued", "verified", "masked", "persisted", "redacted", "documented", "unknown", "managed",
        "erforderlich", "falsch", "requerida", "incorrecta", "requis", "incorrect.", "required.", "expired,", "stored,",
        lot.choice(ENGLISH[:5000]), lot.choice(ENGLISH[:5000]) + lot.choice((".", ",", ";", ":", "?")),
    ))  # fmt: skip


def minified(lot: Random, name: str) -> str:
    a, b, c = (lot.choice(string.ascii_lowercase) for _ in range(3))
    return lot.choice(
        (
            f"{a}.{b}({c})",
            f"function({a}){{return",
            f"{a}=>{b}.{c}",
            f"!0,{a}:1",
            f"{a}?{b}:{c}",
            f"void 0!=={a}&&{b}",
            f'"+{a}+"',
            f"{a}.{a_noun(lot)}",
            f"new {a}.{b}",
            f"{a}[{b}],{c}=1",
            f"{a}+':'+{b}",
            f"{a}||{b}",
            f"{a}.concat({b})",
            f"\\\\w+{a}",
            f"^[{a}-{b}]+$",
            f"(?P<{a}>\\d+)",
            "[^\\s]{8,}",
        )
    )


def ordinary(lot: Random, name: str) -> str:
    """What is assigned to names that say nothing of secrets."""
    return lot.choice((
        lot.choice(ENGLISH), lot.choice(PEOPLE), " ".join(lot.choice(ENGLISH[:2000]) for _ in range(lot.randint(2, 6))), f"{lot.choice(PEOPLE)}@{lot.choice(ENGLISH)}.com",
        f"#{lot.getrandbits(24):06x}", f"{lot.choice(ENGLISH)}-{lot.choice(ENGLISH)}", f"{lot.choice(ENGLISH)}.{lot.choice(('png', 'svg', 'html', 'tsx', 'csv'))}", "application/json", "text/html", "eu-west-1", "us-central1-a",
        f"{lot.choice(ENGLISH).capitalize()}{lot.choice(ENGLISH).capitalize()}", f"{lot.choice(PEOPLE)}{lot.randrange(1000)}", f"{lot.choice(ENGLISH)}_{lot.randrange(100)}", f"v{lot.randrange(9)}.{lot.randrange(30)}.{lot.randrange(30)}", f"{lot.choice(ENGLISH)}:{lot.randrange(1, 20)}.{lot.randrange(9)}-alpine",
        f"{lot.choice(ENGLISH).upper()}-{lot.randrange(10000)}", "https://" + lot.choice(ENGLISH) + ".com", "GET /" + lot.choice(ENGLISH), "SELECT * FROM " + lot.choice(ENGLISH), "Mozilla/5.0", "en-US", "%Y-%m-%d %H:%M", "utf-8", lot.choice(COMMON) + ".local",
    ))  # fmt: skip


FOR_SECRETS: tuple[Make, ...] = (
    stand_in, test_word, template, call, own_name, identifier, name_with_number, dotted_version_name, kind, password_hash, encrypted, path,
    url, url_template, reference, sentence, minified, number, i18n, css, public_key,
)  # fmt: skip
"""What stands behind names of secrets."""
FOR_IDS: tuple[Make, ...] = (digest, ident, random_id, number, name_with_number)
FOR_SOUNDS: tuple[Make, ...] = (
    identifier, name_with_number, path, url, reference, sentence, kind, i18n, css, ident, digest, number, random_id, template, own_name,
)  # fmt: skip
FOR_PLAIN: tuple[Make, ...] = (
    ordinary,
    identifier,
    sentence,
    image,
    path,
    url,
    kind,
    dotted_version_name,
    random_id,
    digest,
    minified,
    template,
)
FOR_LOGINS: tuple[Make, ...] = (url, url_template, template, stand_in, path, ordinary)
