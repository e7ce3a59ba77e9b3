"""What stands where secrets stand, or looks like one, and is none."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Callable

from bench.guard.quality.draws import Draw
from bench.guard.quality.passwords import KEY_NAMES, NAMES
from bench.guard.quality.subjects import Subject

SECRETIVE = (*NAMES[:9], *KEY_NAMES[:9])
PUBLIC = ("COMMIT_SHA", "IMAGE_DIGEST", "REQUEST_ID", "ETAG", "CHECKSUM", "BUILD_ID", "INTEGRITY", "TRACE_ID")


def _not(kind: str, names: str | tuple[str, ...], make: Callable[[Draw], str], fits: str = "any") -> Subject:
    return Subject("look-alike", kind, tuple(names.split()) if isinstance(names, str) else names, make, fits=fits)


def _pem(label: str) -> Callable[[Draw], str]:
    def make(draw: Draw) -> str:
        lines = textwrap.wrap(base64.b64encode(b"\x30\x82" + draw.randbytes(290)).decode(), 64)
        return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"))

    return make


def _sri(draw: Draw) -> str:
    return f"sha512-{draw.base64(64)}"


def _ssh(draw: Draw) -> str:
    return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + draw.base64(32)[:43] + f" {draw.one(('dev', 'ops'))}@laptop"


def _snake(draw: Draw) -> str:
    return "_".join(draw.sample(("user", "session", "store", "next", "reset", "form", "field", "cache", "page"), 3))


LOOKALIKES = (
    _not("template: ${X}", SECRETIVE, lambda d: "${" + d.one(SECRETIVE) + "}"),
    _not("template: ${X:-}", SECRETIVE, lambda d: "${" + d.one(SECRETIVE) + ":?must be set}", "quoted"),
    _not(
        "template: {{ x }}", SECRETIVE, lambda d: "{{ .Values." + d.one(("db", "auth", "api")) + ".secret }}", "quoted"
    ),
    _not("template: $(…)", SECRETIVE, lambda d: f"$(cat /run/secrets/{_snake(d)})", "quoted"),
    _not("template: %X%", SECRETIVE, lambda d: f"%{d.one(SECRETIVE)}%"),
    _not("stand-in: <your-key>", SECRETIVE, lambda d: d.one(("<your-api-key>", "<password>", "<YOUR_TOKEN_HERE>"))),
    _not(
        "stand-in: words",
        SECRETIVE,
        lambda d: d.one(
            (
                "changeme",
                "your-password-here",
                "your_api_key",
                "CHANGE_ME",
                "replace-me",
                "insert-token-here",
                "secret",
                "password",
                "my-secret-key",
                "example-token",
                "dummy-key",
                "TODO",
                "placeholder",
                "not-a-real-key",
                "xxxx",
            )
        ),
    ),
    _not("stand-in: x's and stars", SECRETIVE, lambda d: d.one(("x", "X", "*", "•")) * d.between(8, 40)),
    _not(
        "stand-in: a token of x's",
        "GITHUB_TOKEN OPENAI_API_KEY",
        lambda d: d.one(("ghp_", "sk-", "glpat-", "xoxb-")) + "x" * 36,
    ),
    _not("stand-in: the documentation's", "AWS_ACCESS_KEY_ID", lambda d: "AKIAIOSFODNN7" + "EXAMPLE"),
    _not("nothing", SECRETIVE, lambda d: d.one(("null", "None", "true", "false", "undefined", "nil", "required"))),
    _not(
        "file with the secret",
        SECRETIVE,
        lambda d: d.one(("/run/secrets/", "/etc/ssl/private/", "./certs/", "~/.ssh/")) + _snake(d),
    ),
    _not(
        "name of a secret elsewhere",
        SECRETIVE,
        lambda d: d.one(("prod", "app", "team")) + "-" + _snake(d).replace("_", "-"),
    ),
    _not("path in a vault", SECRETIVE, lambda d: f"secret/data/{d.one(('app', 'db'))}/{_snake(d)}#value"),
    _not(
        "ARN of a secret",
        SECRETIVE,
        lambda d: f"arn:aws:secretsmanager:eu-west-1:{d.digits(12)}:secret:prod/db-{d.mixed(6)}",
    ),
    _not("op:// reference", SECRETIVE, lambda d: f"op://production/{_snake(d)}/password"),
    _not(
        "sealed by sops",
        SECRETIVE,
        lambda d: f"ENC[AES256_GCM,data:{d.base64(24)},iv:{d.base64(32)},tag:{d.base64(16)},type:str]",
    ),
    _not("sealed by kubeseal", SECRETIVE, lambda d: "AgB" + d.base64(280)),
    _not(
        "code: call",
        SECRETIVE,
        lambda d: d.one(
            ("get_secret(name)", "os.getenv(key)", "vault.read(path)", "config.token", "req.body.password")
        ),
    ),
    _not("identifier", SECRETIVE, _snake),
    _not(
        "type's name",
        "password token secret apiKey",
        lambda d: d.one(("string", "SecretStr", "str", "NSString", "varchar", "Optional")),
    ),
    _not("bcrypt hash", "PASSWORD_HASH password_digest", lambda d: f"$2b$12${d.mixed(53)}", "quoted"),
    _not("commit", PUBLIC, lambda d: d.hex(40)),
    _not("SHA-256", PUBLIC, lambda d: d.hex(64)),
    _not("image digest", PUBLIC, lambda d: f"registry.acme.dev/app@sha256:{d.hex(64)}"),
    _not("MD5", PUBLIC, lambda d: d.hex(32)),
    _not("subresource integrity", PUBLIC, _sri),
    _not("UUID", ("REQUEST_ID", "TENANT_ID", "AZURE_CLIENT_ID", "SUBSCRIPTION_ID", "JOB_ID"), lambda d: d.uuid()),
    _not(
        "time",
        ("BUILD_TIME", "TOKEN_EXPIRES", "KEY_CREATED_AT"),
        lambda d: f"20{d.between(20, 26)}-0{d.between(1, 9)}-{d.between(10, 28)}T10:{d.between(10, 59)}:00Z",
    ),
    _not("number", "MAX_TOKENS TOKEN_LIMIT PASSWORD_MIN_LENGTH KEY_SIZE", lambda d: d.digits(d.between(2, 6))),
    _not("public SSH key", "SSH_PUBLIC_KEY DEPLOY_KEY_PUB", _ssh, "quoted"),
    _not("certificate", "TLS_CERT", _pem("CERTIFICATE"), "block"),
    _not("public key", "JWT_PUBLIC_KEY", _pem("PUBLIC KEY"), "block"),
    _not("picture", "LOGO ICON AVATAR", lambda d: "data:image/png;base64,iVBORw0KGgo" + d.base64(160)),
    _not("publishable key", "STRIPE_PUBLISHABLE_KEY", lambda d: f"pk_live_{d.mixed(24)}"),
    _not("OAuth client id", "GOOGLE_CLIENT_ID", lambda d: f"{d.digits(12)}-{d.lower(32)}.apps.googleusercontent.com"),
    _not(
        "number of a thing",
        "CUSTOMER PRICE_ID SLACK_CHANNEL",
        lambda d: d.one((f"cus_{d.mixed(14)}", f"price_1{d.mixed(23)}", f"C0{d.upper(9)}")),
    ),
    _not(
        "URL without a password",
        ("API_URL", "DATABASE_URL", "AUTH_URL", "TOKEN_URL"),
        lambda d: f"https://{d.one(('auth', 'api'))}.acme.dev/oauth2/{_snake(d)}",
    ),
    _not("URL with a template", ("DATABASE_URL", "MONGO_URI"), lambda d: "postgresql://app:${DB_PASSWORD}@db:5432/app"),
    _not(
        "name of a model",
        ("TOKENIZER", "MODEL_KEY", "EMBEDDING_MODEL"),
        lambda d: d.one(
            (
                "text-embedding-3-large",
                "gpt-4o-mini-2024-07-18",
                "meta-llama/Llama-3.1-8B-Instruct",
                "bert-base-uncased",
            )
        ),
    ),
    _not(
        "kind of a token",
        ("TOKEN_TYPE", "AUTH_METHOD", "KEY_ALGORITHM"),
        lambda d: d.one(("Bearer", "client_secret_basic", "RS256", "ECDSA_SHA_2_256", "aes-256-gcm")),
    ),
    _not(
        "label of a form",
        ("PASSWORD_LABEL", "PASSWORD", "TOKEN_HINT"),
        lambda d: d.one(
            (
                "Enter your password",
                "Passwort vergessen?",
                "Must be 8 characters or more",
                "Contraseña incorrecta",
                "Mot de passe",
            )
        ),
        "quoted",
    ),
    _not(
        "key of a table",
        ("PRIMARY_KEY", "PARTITION_KEY", "CACHE_KEY", "SORT_KEY"),
        lambda d: d.one(("user.profile.email", "tenant_id", "order:v2:items", "createdAt")),
    ),
    _not("pod's name", ("POD", "HOSTNAME", "NODE"), lambda d: f"billing-{d.lower(10)}-{d.lower(5)}"),
    _not(
        "version",
        ("KEY_VERSION", "TOKEN_VERSION", "SECRET_VERSION"),
        lambda d: f"v{d.between(1, 9)}.{d.between(0, 20)}.{d.between(0, 9)}",
    ),
)
