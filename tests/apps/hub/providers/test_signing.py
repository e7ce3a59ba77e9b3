"""AWS Signature 4, held to the vectors that AWS publishes (aws-signing-test-suite, v4, signed headers)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from fairlead.apps.hub.providers import PROVIDERS, Login
from fairlead.apps.hub.providers.signing import Credentials, Scope, canonical, signed
from fairlead.apps.hub.shapes import Sent

SECRET = "wJalrXUtnFEMI/K7MDENG" + "+bPxRfiCYEXAMPLEKEY"
TOKEN = "6e86291e8372ff2a2260956d9b8aae1d763fbf31" + "5fa00fa31553b73ebf194267"
US = Scope("us-east-1", "service")
THEN = datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()
SITE = "https://example.amazonaws.com"
FORM = b"Param1=value1"
FORM_HEADERS = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": "13",
    "x-amz-content-sha256": "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
}
VECTORS: dict[str, tuple[str, str, Mapping[str, str], bytes, str]] = {
    "post-vanilla": ("POST", "/", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "get-vanilla-query-order-key-case": (
        "GET",
        "/?Param2=value2&Param1=value1",
        {},
        b"",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-utf8": ("GET", "/\u1234", {}, b"", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    "get-space-normalized": (
        "GET",
        "/example space/",
        {},
        b"",
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    ),
    "get-header-value-trim": (
        "GET",
        "/",
        {"my-header1": " value1", "my-header2": ' "a   b   c"'},
        b"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "post-x-www-form-urlencoded": (
        "POST",
        "/",
        FORM_HEADERS,
        FORM,
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_it_signs_as_aws_publishes(name: str) -> None:
    """Path, query, headers and body."""
    method, path, headers, body, signature = VECTORS[name]
    made = signed(Credentials("AKIDEXAMPLE", SECRET), US, method, SITE + path, body, THEN, headers)
    names = ";".join(sorted({"host", "x-amz-date", *headers}))
    assert made == {
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}",
        "x-amz-date": "20150830T123600Z",
    }


def test_a_short_lived_key_is_signed_with_its_token() -> None:
    """The vector get-vanilla-with-session-token."""
    made = signed(Credentials("AKIDEXAMPLE", SECRET, TOKEN), US, "GET", f"{SITE}/", b"", THEN)
    assert made["x-amz-security-token"] == TOKEN
    assert made["authorization"].endswith("07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")


def test_the_colon_of_a_models_name_is_encoded_twice() -> None:
    """Once in the path, and again in what is signed: the rule of all services but S3."""
    url = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse"
    assert canonical("POST", url, {}, b"").split("\n")[1] == "/model/anthropic.claude-v1%253A0/converse"


@pytest.mark.parametrize(
    ("value", "settings", "token"),
    [
        (f"AKIDEXAMPLE:{SECRET}", {}, None),
        (f"AKIDEXAMPLE:{SECRET}:{TOKEN}", {}, TOKEN),
        (SECRET, {"access_key_id": "AKIDEXAMPLE"}, None),
        (f"{SECRET}:{TOKEN}", {"access_key_id": "AKIDEXAMPLE"}, TOKEN),
    ],
)
def test_bedrock_signs_with_a_key_in_any_of_its_forms(value: str, settings: dict[str, str], token: str | None) -> None:
    """And sends no other proof."""
    bedrock = PROVIDERS.get("bedrock")
    login = Login("one", value, {"region": "eu-west-1", **settings})
    sent = Sent("/model/m/converse", {}, b"{}")
    made = bedrock.sign(login, "POST", "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse", sent, THEN)
    assert made is not None
    assert "Credential=AKIDEXAMPLE/20150830/eu-west-1/bedrock/aws4_request" in made["authorization"]
    assert made.get("x-amz-security-token") == token
    assert bedrock.headers(login) == {}


def test_a_bedrock_api_key_is_sent_as_it_is() -> None:
    """Nothing is signed then."""
    login = Login("one", "bedrock-api-key-" + "4711", {"region": "eu-west-1"})
    bedrock = PROVIDERS.get("bedrock")
    assert bedrock.headers(login) == {"authorization": "Bearer bedrock-api-key-4711"}
    assert bedrock.sign(login, "POST", "https://a/", Sent("/", {}, b""), THEN) is None


def test_no_part_of_a_key_but_its_id_is_shown() -> None:
    """Neither secret nor token."""
    assert repr(Credentials("AKIDEXAMPLE", SECRET, TOKEN)) == "Credentials(id='AKIDEXAMPLE')"
