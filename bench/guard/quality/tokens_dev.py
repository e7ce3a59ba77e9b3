"""Keys of what developers and shops use: repositories, registries, chats, mail, money. Forms from their own pages."""

from __future__ import annotations

import base64
import zlib

from bench.guard.quality.draws import Draw, crc32_in_62
from bench.guard.quality.subjects import token


def _github(prefix: str, draw: Draw) -> str:
    body = draw.mixed(30)
    return prefix + body + crc32_in_62(body)


def _discord(draw: Draw) -> str:
    user = base64.b64encode(draw.digits(18).encode()).decode().rstrip("=")
    return f"{user}.G{draw.url64(5)}.{draw.url64(38)}"


def _pypi(draw: Draw) -> str:
    head = b"\x02\x01\x08pypi.org\x02$" + draw.uuid().encode() + b"\x00\x02,["
    return "pypi-" + base64.urlsafe_b64encode(head + draw.randbytes(90)).decode().rstrip("=")


def _atlassian(draw: Draw) -> str:
    """CRC-32 in hexadecimal, as published."""
    body = f"ATATT3xFfGF0{draw.url64(170)}"
    return f"{body}={zlib.crc32(body.encode()):08X}"


TOKENS = (
    token("GitHub", "personal token", "GITHUB_TOKEN GH_TOKEN", lambda d: _github("ghp_", d)),
    token("GitHub", "OAuth token", "GITHUB_OAUTH_TOKEN", lambda d: _github("gho_", d)),
    token("GitHub", "installation token", "GITHUB_TOKEN", lambda d: _github("ghs_", d)),
    token("GitHub", "fine-grained token", "GH_PAT GITHUB_PAT", lambda d: f"github_pat_11{d.upper(20)}_{d.mixed(59)}"),
    token("GitHub", "made-up token", "GITHUB_TOKEN", lambda d: f"ghp_{d.mixed(36)}"),
    token("npm", "made-up token", "NPM_TOKEN", lambda d: f"npm_{d.mixed(36)}"),
    token("npm", "access token", "NPM_TOKEN NODE_AUTH_TOKEN", lambda d: _github("npm_", d)),
    token("GitLab", "personal token", "GITLAB_TOKEN GL_TOKEN", lambda d: f"glpat-{d.url64(20)}"),
    token("GitLab", "runner token", "CI_RUNNER_TOKEN", lambda d: f"glrt-{d.url64(20)}"),
    token("GitLab", "deploy token", "GITLAB_DEPLOY_TOKEN", lambda d: f"gldt-{d.url64(20)}"),
    token("Bitbucket", "app password", "BITBUCKET_APP_PASSWORD", lambda d: f"ATBB{d.mixed(24)}{d.hex(8).upper()}"),
    token("Atlassian", "API token", "JIRA_API_TOKEN CONFLUENCE_TOKEN", _atlassian),
    token("PyPI", "upload token", "PYPI_TOKEN TWINE_PASSWORD", _pypi),
    token("RubyGems", "API key", "GEM_HOST_API_KEY", lambda d: f"rubygems_{d.hex(48)}"),
    token("crates.io", "API token", "CARGO_REGISTRY_TOKEN", lambda d: f"cio{d.mixed(32)}"),
    token("Docker Hub", "access token", "DOCKERHUB_TOKEN DOCKER_PASSWORD", lambda d: f"dckr_pat_{d.url64(27)}"),
    token("JFrog", "reference token", "ARTIFACTORY_TOKEN", lambda d: f"cmVmdGtu{d.mixed(56)}"),
    token("SonarQube", "user token", "SONAR_TOKEN", lambda d: f"squ_{d.hex(40)}"),
    token("Snyk", "API token", "SNYK_TOKEN", lambda d: d.uuid()),
    token("CircleCI", "personal token", "CIRCLE_TOKEN", lambda d: f"CCIPAT_{d.mixed(22)}_{d.hex(40)}"),
    token("Buildkite", "API token", "BUILDKITE_API_TOKEN", lambda d: f"bkua_{d.hex(40)}"),
    token("Postman", "API key", "POSTMAN_API_KEY", lambda d: f"PMAK-{d.hex(24)}-{d.hex(34)}"),
    token(
        "Slack",
        "bot token",
        "SLACK_BOT_TOKEN SLACK_TOKEN",
        lambda d: f"xoxb-{d.digits(12)}-{d.digits(13)}-{d.mixed(24)}",
    ),
    token(
        "Slack",
        "user token",
        "SLACK_USER_TOKEN",
        lambda d: f"xoxp-{d.digits(12)}-{d.digits(12)}-{d.digits(13)}-{d.hex(32)}",
    ),
    token("Slack", "app token", "SLACK_APP_TOKEN", lambda d: f"xapp-1-A{d.upper(10)}-{d.digits(13)}-{d.hex(64)}"),
    token(
        "Slack",
        "webhook",
        "SLACK_WEBHOOK_URL",
        lambda d: f"https://hooks.slack.com/services/T{d.upper(10)}/B{d.upper(10)}/{d.mixed(24)}",
    ),
    token("Discord", "bot token", "DISCORD_TOKEN DISCORD_BOT_TOKEN", _discord),
    token(
        "Discord",
        "webhook",
        "DISCORD_WEBHOOK",
        lambda d: f"https://discord.com/api/webhooks/{d.digits(19)}/{d.url64(68)}",
    ),
    token("Telegram", "bot token", "TELEGRAM_BOT_TOKEN", lambda d: f"{d.digits(10)}:AA{d.url64(33)}"),
    token(
        "Teams",
        "webhook",
        "TEAMS_WEBHOOK_URL",
        lambda d: (
            f"https://acme.webhook.office.com/webhookb2/{d.uuid()}@{d.uuid()}/IncomingWebhook/{d.hex(32)}/{d.uuid()}"
        ),
    ),
    token("Twilio", "auth token", "TWILIO_AUTH_TOKEN", lambda d: d.hex(32)),
    token("Twilio", "API key", "TWILIO_API_KEY", lambda d: f"SK{d.hex(32)}"),
    token("SendGrid", "API key", "SENDGRID_API_KEY", lambda d: f"SG.{d.url64(22)}.{d.url64(43)}"),
    token("Mailgun", "API key", "MAILGUN_API_KEY", lambda d: f"key-{d.hex(32)}"),
    token("Mailchimp", "API key", "MAILCHIMP_API_KEY", lambda d: f"{d.hex(32)}-us{d.between(1, 21)}"),
    token("Postmark", "server token", "POSTMARK_SERVER_TOKEN", lambda d: d.uuid()),
    token("Resend", "API key", "RESEND_API_KEY", lambda d: f"re_{d.mixed(8)}_{d.mixed(24)}"),
    token("Brevo", "API key", "BREVO_API_KEY", lambda d: f"xkeysib-{d.hex(64)}-{d.mixed(16)}"),
    token("Stripe", "secret key", "STRIPE_SECRET_KEY STRIPE_API_KEY", lambda d: f"sk_live_{d.mixed(99)}"),
    token("Stripe", "short secret key", "STRIPE_SECRET_KEY", lambda d: f"sk_live_{d.mixed(24)}"),
    token("Stripe", "restricted key", "STRIPE_KEY", lambda d: f"rk_live_{d.mixed(99)}"),
    token("Stripe", "webhook secret", "STRIPE_WEBHOOK_SECRET", lambda d: f"whsec_{d.mixed(32)}"),
    token("PayPal", "client secret", "PAYPAL_CLIENT_SECRET PAYPAL_SECRET", lambda d: f"E{d.url64(79)}"),
    token("Square", "access token", "SQUARE_ACCESS_TOKEN", lambda d: f"EAAA{d.url64(60)}"),
    token("Shopify", "access token", "SHOPIFY_ACCESS_TOKEN", lambda d: f"shpat_{d.hex(32)}"),
    token("Razorpay", "key id", "RAZORPAY_KEY_ID", lambda d: f"rzp_live_{d.mixed(14)}"),
    token("Plaid", "secret", "PLAID_SECRET", lambda d: d.hex(30)),
    token("Coinbase", "private key", "COINBASE_API_SECRET", lambda d: d.base64(64)),
    token("Notion", "integration token", "NOTION_TOKEN NOTION_API_KEY", lambda d: f"ntn_{d.digits(11)}{d.mixed(35)}"),
    token("Linear", "API key", "LINEAR_API_KEY", lambda d: f"lin_api_{d.mixed(40)}"),
    token("Airtable", "access token", "AIRTABLE_API_KEY AIRTABLE_PAT", lambda d: f"pat{d.mixed(14)}.{d.hex(64)}"),
    token("Asana", "access token", "ASANA_TOKEN", lambda d: f"2/{d.digits(16)}/{d.digits(16)}:{d.hex(32)}"),
    token("Figma", "access token", "FIGMA_TOKEN", lambda d: f"figd_{d.url64(40)}"),
    token("HubSpot", "private app token", "HUBSPOT_ACCESS_TOKEN", lambda d: f"pat-na1-{d.uuid()}"),
    token("Okta", "API token", "OKTA_API_TOKEN", lambda d: f"00{d.url64(40)}"),
    token("Auth0", "client secret", "AUTH0_CLIENT_SECRET", lambda d: d.url64(64)),
    token("Clerk", "secret key", "CLERK_SECRET_KEY", lambda d: f"sk_live_{d.mixed(40)}"),
    token("Mapbox", "secret token", "MAPBOX_SECRET_TOKEN", lambda d: f"sk.eyJ1Ijoi{d.mixed(70)}.{d.url64(22)}"),
    token("Algolia", "admin key", "ALGOLIA_ADMIN_KEY ALGOLIA_API_KEY", lambda d: d.hex(32)),
    token("Contentful", "management token", "CONTENTFUL_MANAGEMENT_TOKEN", lambda d: f"CFPAT-{d.url64(43)}"),
    token("Twitch", "client secret", "TWITCH_CLIENT_SECRET", lambda d: d.lower(30)),
    token("Dropbox", "short-lived token", "DROPBOX_ACCESS_TOKEN", lambda d: f"sl.B{d.url64(135)}"),
    token("Facebook", "access token", "FACEBOOK_ACCESS_TOKEN FB_TOKEN", lambda d: f"EAA{d.mixed(180)}"),
    token("X", "bearer token", "TWITTER_BEARER_TOKEN", lambda d: "A" * 21 + d.mixed(30) + "%2F" + d.mixed(50)),
    token("JWT", "token", "ACCESS_TOKEN ID_TOKEN SERVICE_ROLE_KEY", lambda d: d.jwt()),
)
