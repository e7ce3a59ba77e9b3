"""Secrets without a form of their own: found where values are assigned, told from what only looks like them."""

from __future__ import annotations

import pytest

from fairlead.apps.guard.library import Library

VALUE = "tR7#kq" + "Lw29!xZ"
KEY = "q8Zk2Xv7Lw0" + "Rt5Bn9Yc3Hd6Jf1"

ASSIGNED = [
    'password = "{}"',
    "db_password: str = '{}'",
    "DB_PASSWORD={}",
    "export DB_PASSWORD={}\n",
    "password: {}\n",
    '{{"password": "{}"}}',
    '{{"user": "joe", "admin_pwd" : "{}", "x": 1}}',
    'config["password"] = "{}"',
    "<password>{}</password>",
    '<add key="DbPassword" value="{}"/>',
    "env:\n  - name: DB_PASSWORD\n    value: {}\n",
    '{{"name": "DB_PASSWORD", "value": "{}"}}',
    "Parameters:\n  - Key: DB_PASSWORD\n    Value: {}\n",
    '<entry key="db.password">{}</entry>',
    'variable "db_password" {{\n  type    = string\n  default = "{}"\n}}\n',
    "spring.datasource.password={}\n",
    'final String password = "{}";',
    'const password := "{}"',
    "$password => '{}',",
    "login --password {} --host x",
    "ENV DB_PASSWORD {}\n",
    "Server=db;Database=x;User Id=sa;Password={};",
    "ALTER USER joe IDENTIFIED BY '{}'",
    "CREATE ROLE joe WITH LOGIN PASSWORD '{}'",
    "machine example.com login joe password {}\n",
    'setPassword("{}")',
    "the password is {} and",
    'json = "{{\\"password\\": \\"{}\\"}}"',
]


@pytest.mark.parametrize("form", ASSIGNED)
def test_a_password_is_found_however_it_is_assigned(guard: Library, form: str) -> None:
    """In code, settings, manifests, connection strings, commands and sentences; the value and nothing else."""
    text = form.format(VALUE)

    assert [text[finding.start : finding.end] for finding in guard.scan(text)] == [VALUE]


@pytest.mark.parametrize(
    "form",
    [
        'api_key = "{}"',
        "SECRET_KEY: '{}'",
        "X-Api-Key: {}",
        'headers = {{"Authorization": "Bearer {}"}}',
        'clientSecret: "{}",',
        "AUTH_TOKEN={}\n",
    ],
)
def test_a_key_is_found_however_it_is_assigned(guard: Library, form: str) -> None:
    """A key without a prefix has nothing but its name and its randomness."""
    text = form.format(KEY)

    assert [text[finding.start : finding.end] for finding in guard.scan(text)] == [KEY]


@pytest.mark.parametrize("url", ["postgres://joe:{}@db:5432/x", "https://joe:{}@example.com", "redis://:{}@cache/0"])
def test_a_password_in_a_url_is_found(guard: Library, url: str) -> None:
    """And nothing of the URL around it is touched."""
    text = url.format(KEY)

    assert KEY not in guard.redact(text)[0]
    assert guard.redact(text)[0].startswith(url[: url.index("{")])


@pytest.mark.parametrize(
    "text",
    [
        'password = "${DB_PASSWORD}"',
        'password = "<your-password>"',
        'password = "changeme"',
        "password = os.environ['DB_PASSWORD']",
        "password = get_password(user)",
        "def login(user, password=None):",
        "password: str",
        "token = tokenizer.next_token()",
        'password_file = "/run/secrets/db"',
        'secret_name = "prod/db/main-user-2"',
        'token_url = "https://example.com/oauth/token"',
        'public_key = "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7"',
        'etag_token = "123e4567-e89b-42d3-a456-426614174000"',
        'password_hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"',
        'key_id = "a1b2c3d4e5f6a7b8"',
        "max_tokens = 4096",
        "Enter your password: ",
        "the password is required",
        'message = "wrong password"',
        'PASSWORD_FIELD = "user_password"',
        "https://user:password@example.com",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(guard: Library, text: str) -> None:
    """Templates, names, calls, paths, hashes, public keys, sentences."""
    assert guard.scan(text) == []
