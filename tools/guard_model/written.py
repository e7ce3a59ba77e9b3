"""Look-alikes that programs write: digests, ids, numbers, paths, URLs, references, public keys, images."""

from __future__ import annotations

import base64
import string
from random import Random
from uuid import UUID

from tools.guard_model.secrets import ENGLISH

NOUNS = (
    "password",
    "secret",
    "token",
    "key",
    "api-key",
    "api_key",
    "apikey",
    "credential",
    "access_token",
    "client_secret",
    "passphrase",
)


def a_noun(lot: Random) -> str:
    """A word for a secret."""
    return lot.choice(NOUNS)


def digest(lot: Random, name: str) -> str:
    length = lot.choice((7, 8, 12, 32, 40, 40, 64, 64, 128))
    made = "".join(lot.choices("0123456789abcdef", k=length))
    return lot.choice((made, made, made.upper(), f"sha256:{made}", f"sha1-{made}", f"md5:{made}"))


def password_hash(lot: Random, name: str) -> str:
    tail = "".join(lot.choices(string.ascii_letters + string.digits + "./", k=53))
    return lot.choice(
        (
            f"$2b$12${tail}",
            f"$2y$10${tail}",
            f"$6$rounds=5000${tail[:16]}${tail}",
            f"$argon2id$v=19$m=65536,t=3,p=4${tail[:22]}${tail[:43]}",
            f"pbkdf2_sha256$260000${tail[:12]}${tail[:43]}=",
            f"$apr1${tail[:8]}${tail[:22]}",
            f"{{SSHA}}{tail[:32]}",
            f"scrypt:32768:8:1${tail[:16]}",
            f"$1${tail[:8]}${tail[:22]}",
            f"SCRAM-SHA-256$4096:{tail[:24]}",
        )
    )


def encrypted(lot: Random, name: str) -> str:
    data = base64.b64encode(lot.randbytes(lot.randint(16, 80))).decode()
    return lot.choice(
        (
            f"ENC[AES256_GCM,data:{data[:30]}",
            f"ENC({data[:44]})",
            f"vault:v1:{data}",
            "AgB" + data,
            f"{{cipher}}{data}",
            f"gAAAAAB{data}",
            f"age1{data[:50].lower()}",
            f"encrypted:{data}",
        )
    )


def ident(lot: Random, name: str) -> str:
    uuid = str(UUID(int=lot.getrandbits(128), version=4))
    return lot.choice(
        (
            uuid,
            uuid,
            uuid.upper(),
            uuid.replace("-", ""),
            f"{{{uuid}}}",
            str(lot.getrandbits(48)),
            f"{lot.choice(ENGLISH)[:3]}_{''.join(lot.choices(string.ascii_letters + string.digits, k=lot.randint(10, 24)))}",
        )
    )


def random_id(lot: Random, name: str) -> str:
    return "".join(
        lot.choices(string.ascii_letters + string.digits + lot.choice(("", "-_", "+/")), k=lot.randint(8, 44))
    )


def number(lot: Random, name: str) -> str:
    return lot.choice(
        (
            str(lot.randrange(10 ** lot.randint(1, 9))),
            f"{lot.random():.4f}",
            f"0x{lot.getrandbits(32):x}",
            f"{lot.randrange(9)}.{lot.randrange(20)}.{lot.randrange(30)}",
            f"{lot.randrange(2000, 2030)}-{lot.randint(1, 12):02}-{lot.randint(1, 28):02}",
            f"2024-0{lot.randint(1, 9)}-11T10:{lot.randint(10, 59)}:00Z",
            f"{lot.randint(1, 90)}s",
            f"{lot.randint(1, 512)}Mi",
            f"1e-{lot.randint(2, 9)}",
            f"10.{lot.randrange(255)}.{lot.randrange(255)}.0/16",
            f"192.168.{lot.randrange(255)}.{lot.randrange(255)}:8080",
        )
    )


def path(lot: Random, name: str) -> str:
    parts = [lot.choice(ENGLISH[:3000]) for _ in range(lot.randint(1, 4))]
    ending = lot.choice(
        (".pem", ".key", ".txt", ".json", ".yaml", "", ".py", ".crt", ".env", ".js", ".html", ".p12", ".jks")
    )
    return (
        lot.choice(("/", "./", "~/", "../", "", "C:\\", "/run/secrets/", "/etc/", "s3://", "classpath:", "file://"))
        + "/".join(parts)
        + ending
    )


def url(lot: Random, name: str) -> str:
    host = f"{lot.choice(ENGLISH)}.{lot.choice(('com', 'io', 'example.com', 'internal', 'local', 'org'))}"
    scheme = lot.choice(("https", "https", "http", "postgres", "redis", "mongodb", "amqp", "ws", "jdbc:postgresql"))
    return (
        f"{scheme}://{lot.choice(('', '', 'user@'))}{host}{lot.choice(('', ':8080', ':5432'))}/{lot.choice(ENGLISH)}"
        + lot.choice(
            (
                "",
                "?token=",
                "/oauth/token",
                "?page=2",
                "#password",
                "/reset-password/",
                "?a=${b}",
                "/.well-known/jwks.json",
            )
        )
    )


def url_template(lot: Random, name: str) -> str:
    inner = lot.choice(
        (
            "password",
            "${PASSWORD}",
            "{password}",
            "<password>",
            "pass",
            "%s",
            "$DB_PASS",
            "xxxx",
            "****",
            "pwd",
            "secret",
            "{{ password }}",
            "example",
        )
    )
    return f"{lot.choice(('postgres', 'mysql', 'redis', 'https', 'mongodb'))}://{lot.choice(('user', 'username', 'root', '${USER}', ''))}:{inner}@{lot.choice(('localhost', 'host', 'example.com', 'db'))}:5432/{lot.choice(ENGLISH)}"


def reference(lot: Random, name: str) -> str:
    part = "-".join(lot.choice(ENGLISH[:2000]) for _ in range(2))
    return lot.choice(
        (
            f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{part}-{''.join(lot.choices(string.ascii_letters, k=6))}",
            f"projects/{part}/secrets/{a_noun(lot)}/versions/latest",
            f"secret/data/{part}",
            f"op://{part}/{a_noun(lot)}",
            f"{part}-{a_noun(lot)}",
            f"prod/{part}/{a_noun(lot)}",
            f"kv/{part}",
            f"{part}:{a_noun(lot)}:1",
            f"alias/{part}",
            f"/ssm/{part}/{a_noun(lot)}",
            f"secretRef:{part}",
            f"{part}-secret",
        )
    )


def public_key(lot: Random, name: str) -> str:
    data = base64.b64encode(lot.randbytes(lot.choice((48, 90, 200)))).decode()
    return lot.choice(
        (
            f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{data}",
            f"AAAAC3NzaC1lZDI1NTE5AAAAI{data[:43]}",
            f"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A{data}",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            f"SHA256:{data[:43]}",
            f"sha384-{data[:64]}",
            f"sha512-{data}",
        )
    )


def image(lot: Random, name: str) -> str:
    data = base64.b64encode(lot.randbytes(lot.randint(30, 100))).decode()
    return lot.choice(
        (
            f"data:image/png;base64,iVBORw0KGgo{data}",
            f"iVBORw0KGgoAAAANSUhEUg{data}",
            f"R0lGODlhAQABAIAAA{data[:20]}",
            f"data:font/woff2;base64,d09GMgAB{data}",
            f"H4sIAAAAAAAA{data}",
            f"UEsDBBQ{data}",
        )
    )
