"""Passwords as people and programs make them, keys without an issuer's form, and keys in files of their own."""

from __future__ import annotations

import base64
import textwrap

from bench.guard.quality.draws import BASE62, Draw
from bench.guard.quality.subjects import Subject

NAMES = (
    "DB_PASSWORD",
    "POSTGRES_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "REDIS_PASSWORD",
    "SMTP_PASSWORD",
    "ADMIN_PASSWORD",
    "SPRING_DATASOURCE_PASSWORD",
    "PASSWORD",
    "DB_PASS",
    "FTP_PASSWD",
    "LDAP_BIND_PASSWORD",
    "KEYSTORE_PASSWORD",
    "ROOT_PWD",
    "RABBITMQ_DEFAULT_PASS",
    "MAIL_PASSWORD",
    "GRAFANA_ADMIN_PASSWORD",
    "BASIC_AUTH_PASSWORD",
)
KEY_NAMES = (
    "SECRET_KEY",
    "JWT_SECRET",
    "SESSION_SECRET",
    "API_KEY",
    "API_SECRET",
    "APP_SECRET",
    "CLIENT_SECRET",
    "ENCRYPTION_KEY",
    "SIGNING_KEY",
    "AUTH_TOKEN",
    "ACCESS_TOKEN",
    "WEBHOOK_SECRET",
    "COOKIE_SECRET",
    "HMAC_KEY",
    "INTERNAL_API_TOKEN",
    "MASTER_KEY",
    "CONSUMER_SECRET",
    "DEPLOY_TOKEN",
    "PARTNER_API_KEY",
)

WORDS = (
    *("harbor", "walnut", "cobalt", "meadow", "falcon", "ginger", "velvet", "summit", "orchid", "thunder", "pepper"),
    *("willow", "copper", "raven", "marble", "lantern", "saffron", "glacier", "pumpkin", "tornado", "violin", "maple"),
    *("bramble", "quartz", "nimbus", "cinder", "dolphin", "hazel", "pirate", "rocket", "sunset", "tiger", "kaffee"),
    *(
        "fenster",
        "himmel",
        "garten",
        "wolke",
        "schnee",
        "vogel",
        "amigo",
        "cielo",
        "playa",
        "verano",
        "fleur",
        "soleil",
    ),
)
PEOPLE = ("sophie", "marcus", "elena", "lukas", "priya", "kenji", "olga", "mateo", "chloe", "ahmed", "nadia", "ingrid")
PLACES = ("lisbon", "oslo", "denver", "kyoto", "porto", "munich", "austin", "geneva", "bergen", "dublin", "krakow")
MARKS = "!@#$%&*?+-=_^~"


def _human(draw: Draw) -> str:
    """A word, a year or a number, a mark: what rules of composition make people choose."""
    word = draw.one((*WORDS, *PEOPLE, *PLACES)).capitalize()
    number = draw.one((str(draw.between(1960, 2026)), draw.digits(2), draw.digits(3), draw.digits(4)))
    mark = draw.one(MARKS)
    return draw.one(
        (f"{word}{number}{mark}", f"{word}{mark}{number}", f"{number}{word}{mark}", f"{word}{number}{mark * 2}")
    )


def _leet(draw: Draw) -> str:
    """Letters changed into figures, as in `P4nth3r!88`."""
    word = draw.one(WORDS).translate(str.maketrans("aeiost", "4310$7"))
    return f"{word.capitalize()}{draw.one(MARKS)}{draw.digits(2)}"


def _weak(draw: Draw) -> str:
    """A word and a number, and no more."""
    return f"{draw.one((*WORDS, *PEOPLE))}{draw.digits(draw.between(2, 4))}"


def _generated(draw: Draw) -> str:
    return draw.of(BASE62 + MARKS, draw.between(12, 24))


def _manager(draw: Draw) -> str:
    """As browsers propose them: three groups of six."""
    return "-".join((draw.mixed(6), draw.mixed(6), draw.mixed(6)))


def _passphrase(draw: Draw) -> str:
    joint = draw.one("-._")
    return joint.join((*draw.sample(WORDS, 4), draw.digits(2)))


def _in_url(draw: Draw) -> str:
    password = draw.one(
        (draw.mixed(draw.between(10, 20)), _human(draw).replace("#", "x").replace("?", "y").replace("%", "z"))
    )
    scheme, port, path = draw.one((
        ("postgresql", 5432, "orders"), ("mysql", 3306, "shop"), ("mongodb+srv", 27017, "users"),
        ("amqp", 5672, "jobs"), ("redis", 6379, "0"), ("https", 443, "repo.git"), ("postgres", 5432, "app"),
    ))  # fmt: skip
    user = draw.one((*PEOPLE, "app", "root", "svc_deploy")) if scheme != "redis" else ""
    password = password.replace("@", "A").replace("/", "s")
    return f"{scheme}://{user}:{password}@{draw.one(PLACES)}.db.internal:{port}/{path}"


def _password(url: str) -> str:
    return url.split("://")[1].rsplit("@", 1)[0].partition(":")[2]


PASSWORDS = (
    Subject("password", "word, number and mark", NAMES, _human),
    Subject("password", "letters made figures", NAMES, _leet),
    Subject("password", "word and number", NAMES, _weak),
    Subject("password", "generated, with marks", NAMES, _generated, fits="quoted"),
    Subject("password", "generated, letters and figures", NAMES, lambda d: d.mixed(d.between(10, 32))),
    Subject("password", "generated, lower case", NAMES, lambda d: d.lower(d.between(12, 24))),
    Subject("password", "proposed by a browser", NAMES, _manager),
    Subject("password", "words joined", NAMES, _passphrase),
    Subject(
        "password", "in a URL", ("DATABASE_URL", "CELERY_BROKER_URL", "MONGO_URI", "REPO_URL"), _in_url, core=_password
    ),
)
"""What is known of passwords: composition rules make words with a figure and a mark, managers make random ones."""


def _pem(label: str, size: int) -> Subject:
    def make(draw: Draw) -> str:
        body = base64.b64encode(b"\x30\x82" + draw.randbytes(size)).decode()
        lines = textwrap.wrap(body, 64)
        return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"))

    return Subject("key", f"PEM: {label.lower()}", ("PRIVATE_KEY", "TLS_KEY", "SSH_KEY"), make, fits="block")


KEYS = (
    Subject("key", "hexadecimal, 32", KEY_NAMES, lambda d: d.hex(32)),
    Subject("key", "hexadecimal, 64", KEY_NAMES, lambda d: d.hex(64)),
    Subject("key", "base64, 32 bytes", KEY_NAMES, lambda d: d.base64(32)),
    Subject("key", "base64 for URLs", KEY_NAMES, lambda d: d.url64(43)),
    Subject("key", "letters and figures, 20", KEY_NAMES, lambda d: d.mixed(20)),
    Subject("key", "letters and figures, 40", KEY_NAMES, lambda d: d.mixed(40)),
    Subject("key", "UUID as a key", ("API_KEY", "CLIENT_SECRET", "AUTH_TOKEN"), lambda d: d.uuid()),
    Subject(
        "key",
        "with marks, 50",
        ("SECRET_KEY",),
        lambda d: d.of("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50),
        fits="quoted",
    ),
    Subject(
        "key",
        "a prefix of a house's own",
        ("API_KEY", "ACCESS_TOKEN", "SERVICE_TOKEN"),
        lambda d: f"{d.one(('acme', 'orb', 'int', 'svc'))}_{d.one(('live', 'prod', 'v1'))}_{d.mixed(28)}",
    ),
    _pem("RSA PRIVATE KEY", 1190),
    _pem("PRIVATE KEY", 1216),
    _pem("EC PRIVATE KEY", 118),
    _pem("OPENSSH PRIVATE KEY", 400),
)
