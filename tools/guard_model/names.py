"""Names that values are assigned to: of passwords, of keys and tokens, of what only sounds like them, of all else."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

OWNERS = (
    "db database mysql postgres pg redis mongo smtp mail imap ftp sftp ldap admin root user account login app "
    "service master backup test staging prod api web client server proxy vpn wifi router nas grafana jenkins "
    "gitlab sonar nexus artifactory kafka rabbitmq elastic minio keystore truststore keycloak oracle sa system "
    "site portal shop billing payment twilio vault registry docker deploy ci bot owner customer my new default "
    "initial bind repl guest host remote local internal external auth basic http jdbc odbc spring django flask "
    "rails laravel wordpress"
).split()
PASSWORDS = (
    "password password password password passwd pwd pass passphrase pw passcode user_password db_pass user_pass "
    "login_password pass_word psw pswd passwrd senha contrasena clave passwort kennwort mdp mot_de_passe "
    "wachtwoord haslo parola heslo admin_pwd sql_pwd password1 password2 default_password pin root_pw credential"
).split()
GLUED = (
    "PGPASSWORD MYSQL_PWD SSHPASS dbpassword dbpass userpwd rootpw adminpass smtppass mysqlpassword sqlpassword "
    "userPassword dbPwd ftpPass requirepass masterauth bindpw keypass storepass ssl_passphrase REDISCLI_AUTH "
    "spring.datasource.password keyStorePassword ansible_become_pass ansible_ssh_pass RABBITMQ_DEFAULT_PASS "
    "POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD MONGO_INITDB_ROOT_PASSWORD GF_SECURITY_ADMIN_PASSWORD admin.password"
).split()
KEYS = (
    "api_key api_key api_key apikey secret secret secret_key secret_key client_secret access_key access_token "
    "auth_token token token token private_key encryption_key signing_key signing_secret webhook_secret jwt_secret "
    "session_secret session_key app_secret consumer_secret consumer_key shared_secret master_key secret_key_base "
    "refresh_token bearer_token bot_token account_key storage_key license_key auth_key api_secret api_token "
    "personal_access_token deploy_token service_key aes_key hmac_secret hmac_key cookie_secret salt app_key auth "
    "credentials authorization x_api_key crypto_key csrf_secret oauth_secret registration_token"
).split()
SOUNDS = (
    "token_url token_type secret_name password_field password_file key_id secret_id password_label token_name "
    "public_key primary_key foreign_key sort_key partition_key cache_key key_name key_type access_key_id "
    "next_token page_token continuation_token pad_token eos_token stop_token max_tokens password_hash token_hash "
    "secret_arn password_reset_url secret_ref secret_path password_policy password_placeholder token_endpoint "
    "key_path password_error password_hint password_message token_field auth_type auth_method auth_url "
    "auth_provider secret_version secret_key_ref public_key_token password_prompt password_column password_help "
    "idempotency_key routing_key object_key row_key group_key map_key i18n_key label_key registry_key "
    "sentry_public_key token_prefix password_regex password_min_length credential_type credentials_file "
    "token_file key_file private_key_path password_title password_class password_input confirm_password_text "
    "tokenizer_name signature_type key_alias secret_manager token_class key_format key_schema password_env "
    "token_env api_key_env secret_env_var site_key"
).split()
IDS = (
    "id uuid request_id trace_id span_id commit sha revision etag checksum digest md5 sha256 integrity hash "
    "build_id image_digest content_hash fingerprint nonce cursor transaction_id order_id user_id tenant_id "
    "client_id app_id object_id resource_id correlation_id session_id device_id file_hash version_hash git_sha "
    "tree parent node_id serial thumbprint block_hash tx_hash address guid instance_id cid cache_bust "
    "measurement_id project_id"
).split()
PLAIN = (
    "name title host hostname region color class class_name label description url path file filename user "
    "username email version model mode type status format pattern message text greeting prompt lang locale theme "
    "image bucket queue topic table column schema endpoint base_url output input data payload body content icon "
    "font style query command script branch tag author license module package namespace environment level size "
    "unit currency country"
).split()
LOGINS = (
    "database_url redis_url mongo_uri connection_string dsn sqlalchemy_database_uri broker_url amqp_url db_uri jdbc_url "
    "default_connection sql_connection_string celery_broker_url postgres_url remote_url proxy http_proxy mysql_dsn "
    "connection_strings storage_connection db_connection smtp_url sentry_dsn datasource_url endpoint"
).split()
CASES = ("snake", "snake", "screaming", "screaming", "camel", "camel", "kebab", "pascal", "dotted", "flat", "spaced")


def cased(name: str, case: str) -> str:
    """A name in words joined by `_`, as a kind of code writes it."""
    words = [word for word in name.replace(".", "_").split("_") if word]
    if case == "camel":
        return words[0].lower() + "".join(word.capitalize() for word in words[1:])
    ways = {
        "snake": "_".join(words), "screaming": "_".join(words).upper(), "kebab": "-".join(words),
        "pascal": "".join(word.capitalize() for word in words), "dotted": ".".join(words), "flat": "".join(words),
        "spaced": " ".join(words),
    }  # fmt: skip
    return ways[case]


def drawn(lot: Random, kind: str, case: str) -> str:
    """A name of a kind: `password`, `key`, `sounds`, `id`, `login`, `plain`."""
    if kind == "password" and lot.random() < 0.15 and case in {"snake", "screaming", "camel"}:
        return lot.choice(GLUED)
    pools: dict[str, Sequence[str]] = {
        "login": LOGINS, "password": PASSWORDS, "key": KEYS, "sounds": SOUNDS, "id": IDS, "plain": PLAIN,
    }  # fmt: skip
    name = lot.choice(pools[kind])
    if lot.random() < 0.5:
        name = f"{lot.choice(OWNERS)}_{name}"
    return cased(name, case)
