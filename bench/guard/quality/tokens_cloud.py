"""Keys of clouds, databases and what watches them, in the forms that their own pages show."""

from __future__ import annotations

import base64
import json
import string
import zlib

from bench.guard.quality.draws import Draw, base58check, bech32
from bench.guard.quality.subjects import token

BASE32 = string.ascii_uppercase + "234567"


def _sas(draw: Draw) -> str:
    signature = draw.base64(32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"sv=2022-11-02&ss=b&srt=co&sp=rl&se=2027-01-01T00:00:00Z&st=2025-01-01T00:00:00Z&spr=https&sig={signature}"


def _connection(draw: Draw) -> str:
    account = draw.one(("stprodlogs", "acmemedia", "datalake01"))
    return (
        f"DefaultEndpointsProtocol=https;AccountName={account};AccountKey={draw.base64(64)};"
        "EndpointSuffix=core.windows.net"
    )


def _account_key(connection: str) -> str:
    return connection.partition("AccountKey=")[2].partition(";")[0]


def _grafana(draw: Draw) -> str:
    """CRC-32 in hexadecimal, as published."""
    body = f"glsa_{draw.mixed(32)}"
    return f"{body}_{zlib.crc32(body.encode()):08x}"


def _grafana_cloud(draw: Draw) -> str:
    inside = {"o": draw.digits(6), "n": "metrics-writer", "k": draw.mixed(24), "m": {"r": "prod-eu-west-2"}}
    return "glc_" + base64.b64encode(json.dumps(inside).encode()).decode()


TOKENS = (
    token("AWS", "secret access key", "AWS_SECRET_ACCESS_KEY", lambda d: d.base64(30)),
    token("AWS", "access key id", "AWS_ACCESS_KEY_ID", lambda d: "AKIA" + d.of(BASE32, 16)),
    token("AWS", "Bedrock key", "AWS_BEARER_TOKEN_BEDROCK", lambda d: f"ABSK{d.base64(96)}"),
    token("Google", "OAuth client secret", "GOOGLE_CLIENT_SECRET", lambda d: f"GOCSPX-{d.url64(28)}"),
    token("Google", "OAuth access token", "GOOGLE_ACCESS_TOKEN", lambda d: f"ya29.a0A{d.url64(160)}"),
    token("Google", "OAuth refresh token", "GOOGLE_REFRESH_TOKEN", lambda d: f"1//0{d.url64(60)}"),
    token("Azure", "storage account key", "AZURE_STORAGE_KEY AZURE_STORAGE_ACCOUNT_KEY", lambda d: d.base64(64)),
    token("Azure", "connection string", "AZURE_STORAGE_CONNECTION_STRING", _connection, "quoted", _account_key),
    token("Azure", "shared access signature", "AZURE_SAS_TOKEN", _sas, "quoted", lambda sas: sas.partition("&sig=")[2]),
    token("Azure", "client secret", "AZURE_CLIENT_SECRET ARM_CLIENT_SECRET", lambda d: f"{d.mixed(3)}8Q~{d.url64(34)}"),
    token("Azure", "OpenAI key", "AZURE_OPENAI_API_KEY", lambda d: d.hex(32)),
    token("DigitalOcean", "access token", "DIGITALOCEAN_TOKEN DO_TOKEN", lambda d: f"dop_v1_{d.hex(64)}"),
    token("Cloudflare", "API token", "CLOUDFLARE_API_TOKEN CF_API_TOKEN", lambda d: d.url64(40)),
    token("Cloudflare", "global key", "CLOUDFLARE_API_KEY", lambda d: d.hex(37)),
    token("Heroku", "API key", "HEROKU_API_KEY", lambda d: d.uuid()),
    token("Heroku", "platform token", "HEROKU_API_KEY", lambda d: f"HRKU-AA{d.url64(58)}"),
    token("Fly", "access token", "FLY_API_TOKEN", lambda d: f"fo1_{d.url64(43)}"),
    token("Vercel", "access token", "VERCEL_TOKEN", lambda d: d.mixed(24)),
    token("Netlify", "access token", "NETLIFY_AUTH_TOKEN", lambda d: f"nfp_{d.mixed(36)}"),
    token("Hetzner", "API token", "HCLOUD_TOKEN", lambda d: d.mixed(64)),
    token("Linode", "access token", "LINODE_TOKEN", lambda d: d.hex(64)),
    token("Scaleway", "secret key", "SCW_SECRET_KEY", lambda d: d.uuid()),
    token("Alibaba Cloud", "access key id", "ALIBABA_ACCESS_KEY_ID", lambda d: f"LTAI5t{d.mixed(18)}"),
    token("Tencent Cloud", "secret id", "TENCENTCLOUD_SECRET_ID", lambda d: f"AKID{d.mixed(32)}"),
    token("Yandex Cloud", "API key", "YC_API_KEY", lambda d: f"AQVN{d.url64(36)}"),
    token("Databricks", "access token", "DATABRICKS_TOKEN", lambda d: f"dapi{d.hex(32)}"),
    token("PlanetScale", "password", "PLANETSCALE_PASSWORD", lambda d: f"pscale_pw_{d.url64(43)}"),
    token("Supabase", "access token", "SUPABASE_ACCESS_TOKEN", lambda d: f"sbp_{d.hex(40)}"),
    token("Supabase", "secret key", "SUPABASE_SECRET_KEY", lambda d: f"sb_secret_{d.url64(22)}_{d.mixed(8)}"),
    token("Neon", "API key", "NEON_API_KEY", lambda d: f"napi_{d.lower(64)}"),
    token("HashiCorp Vault", "service token", "VAULT_TOKEN", lambda d: f"hvs.CAESI{d.url64(90)}"),
    token("Terraform Cloud", "API token", "TFE_TOKEN TF_API_TOKEN", lambda d: f"{d.mixed(14)}.atlasv1.{d.mixed(67)}"),
    token("Pulumi", "access token", "PULUMI_ACCESS_TOKEN", lambda d: f"pul-{d.hex(40)}"),
    token("Doppler", "service token", "DOPPLER_TOKEN", lambda d: f"dp.st.prd.{d.mixed(43)}"),
    token("1Password", "service account", "OP_SERVICE_ACCOUNT_TOKEN", lambda d: "ops_eyJ" + d.mixed(320)),
    token("Datadog", "API key", "DD_API_KEY DATADOG_API_KEY", lambda d: d.hex(32)),
    token("Datadog", "app key", "DD_APP_KEY", lambda d: d.hex(40)),
    token("New Relic", "user key", "NEW_RELIC_API_KEY", lambda d: f"NRAK-{d.of(BASE32, 27)}"),
    token("New Relic", "licence key", "NEW_RELIC_LICENSE_KEY", lambda d: f"{d.hex(36)}NRAL"),
    token("Grafana", "service account", "GRAFANA_TOKEN", _grafana),
    token("Grafana", "cloud token", "GRAFANA_CLOUD_TOKEN", _grafana_cloud),
    token("Sentry", "auth token", "SENTRY_AUTH_TOKEN", lambda d: f"sntryu_{d.hex(64)}"),
    token("Honeycomb", "ingest key", "HONEYCOMB_API_KEY", lambda d: f"hcaik_01{d.lower(56)}"),
    token("PagerDuty", "API key", "PAGERDUTY_TOKEN", lambda d: f"u+{d.url64(18)}"),
    token("Dynatrace", "API token", "DT_API_TOKEN", lambda d: f"dt0c01.{d.of(BASE32, 24)}.{d.of(BASE32, 64)}"),
    token("Splunk", "HEC token", "SPLUNK_HEC_TOKEN", lambda d: d.uuid()),
    token("Confluent", "API secret", "CONFLUENT_CLOUD_API_SECRET", lambda d: d.base64(48)),
    token("Tailscale", "auth key", "TS_AUTHKEY", lambda d: f"tskey-auth-k{d.mixed(11)}CNTRL-{d.mixed(32)}"),
    token("age", "secret key", "SOPS_AGE_KEY", lambda d: bech32("age-secret-key-", d.randbytes(32)).upper()),
    token("Bitcoin", "private key", "WALLET_PRIVATE_KEY", lambda d: base58check(b"\x80" + d.randbytes(32) + b"\x01")),
)
