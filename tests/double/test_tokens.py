"""The token endpoint lets in what a rule describes, and is opaque about everything else."""

from datetime import timedelta
from importlib import import_module

import pytest

from admin_double import Rule
from sts_double import Issuer
from tests.double.client import NOW

ROLE = "arn:aws:iam::123456789012:role/lake"
AUDIENCE = "https://api.anthropic.com"
BODY = {
    "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "federation_rule_id": "fdrl_1",
    "organization_id": "the organization",
    "service_account_id": "svac_1",
}


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture
def asked(api, client, issuer):
    api.trust(
        Rule(
            id="fdrl_1",
            organization_id="the organization",
            service_account_id="svac_1",
            issuer=issuer.url,
            verify=issuer.verify,
            subject_prefix=ROLE,
        )
    )

    def ask(assertion=None, **changes):
        body = BODY | {"assertion": assertion or jwt(issuer)} | changes
        return client.session.post(f"{api.url}/v1/oauth/token", json=body)

    return ask


def jwt(issuer, subject=ROLE, audience=AUDIENCE, at=NOW, seconds=300, **claims):
    return issuer.token(subject, audience, at, seconds, **claims)


def test_the_official_client_exchanges_its_identity_here(api, asked, issuer):
    credentials = import_module("anthropic.lib.credentials").WorkloadIdentityCredentials(
        identity_token_provider=lambda: jwt(issuer),
        federation_rule_id="fdrl_1",
        organization_id="the organization",
        service_account_id="svac_1",
    )
    sdk = import_module("anthropic")
    with sdk.Anthropic(base_url=api.url, max_retries=0, credentials=credentials) as client:
        assert [user.id for user in client.organization.users.list()]
    assert [request.table for request in api.requests][:2] == ["token", "users"]


def read(api, client, token, beta="oauth-2025-04-20") -> int:
    headers = {"Authorization": f"Bearer {token}", "anthropic-beta": beta, "x-api-key": None}
    url = f"{api.url}/v1/organizations/me"
    return client.session.get(url, headers=headers).status_code


def test_what_the_rule_describes_gets_a_token_that_is_served(api, client, asked):
    answer = asked().json()
    assert (answer["token_type"], answer["scope"]) == ("Bearer", "org:admin")
    assert answer["access_token"].startswith("sk-ant-oat01-")
    assert read(api, client, answer["access_token"]) == 200
    assert read(api, client, answer["access_token"], beta="") == 401


def test_a_token_lives_twice_as_long_as_its_assertion_and_then_expires(api, client, asked):
    answer = asked().json()
    assert answer["expires_in"] == 600
    api.now += timedelta(seconds=599)
    assert read(api, client, answer["access_token"]) == 200
    api.now += timedelta(seconds=1)
    assert read(api, client, answer["access_token"]) == 401


def test_tokens_can_be_ended(api, client, asked):
    token = asked().json()["access_token"]
    api.expire_tokens()
    assert read(api, client, token) == 401


@pytest.mark.parametrize("seconds", [-30, 329], ids=["from the future", "expired"])
def test_clocks_may_differ_by_half_a_minute(asked, issuer, seconds):
    assert asked(jwt(issuer, at=NOW - timedelta(seconds=seconds))).status_code == 200


def tampered(token: str) -> str:
    head, claims, signature = token.split(".")
    return f"{head}.{claims}.{'A' * len(signature)}"


DENIED = {
    "another subject": lambda issuer: jwt(issuer, subject="arn:aws:iam::123456789012:role/other"),
    "another audience": lambda issuer: jwt(issuer, audience="https://api.example.com"),
    "another issuer": lambda issuer: jwt(issuer, iss=issuer.url + "/"),
    "another key": lambda _: jwt(Issuer()),
    "a changed signature": lambda issuer: tampered(jwt(issuer)),
    "expired": lambda issuer: jwt(issuer, at=NOW - timedelta(seconds=331)),
    "from the future": lambda issuer: jwt(issuer, at=NOW + timedelta(seconds=31)),
    "too long a life": lambda issuer: jwt(issuer, seconds=3601),
    "no expiry": lambda issuer: jwt(issuer, exp=None),
    "an unknown key id": lambda issuer: issuer.signed({"alg": "RS256", "kid": "x"}, claims()),
    "not signed": lambda issuer: issuer.signed({"alg": "none", "kid": "RSA_0"}, claims()),
    "no token at all": lambda _: "a.b.c",
}


def claims():
    at = int(NOW.timestamp())
    return {"sub": ROLE, "aud": AUDIENCE, "iat": at, "exp": at + 300}


@pytest.mark.parametrize("why", DENIED)
def test_every_denial_is_the_same_401(asked, issuer, why):
    answer = asked(DENIED[why](issuer))
    assert answer.status_code == 401
    assert answer.json()["error"] == {
        "type": "authentication_error",
        "message": "Authentication failed",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"federation_rule_id": "fdrl_2"},
        {"organization_id": "another"},
        {"service_account_id": "svac_2"},
    ],
    ids=str,
)
def test_ids_that_do_not_belong_together_are_denied(asked, change):
    assert asked(**change).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"federation_rule_id": "loader"},
        {"federation_rule_id": None},
        {"organization_id": None},
        {"grant_type": "client_credentials"},
        {"assertion": "x" * 16385},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_malformed_request_is_400(asked, change):
    assert asked(**change).status_code == 400


def test_the_log_has_no_assertion(api, asked):
    asked()
    (request,) = api.requests
    assert (request.table, request.method, request.status) == ("token", "POST", 200)
    assert "eyJ" not in repr(request)


def test_the_endpoint_is_asked_by_post_only(api, client):
    answer = client.session.get(f"{api.url}/v1/oauth/token", headers={})
    assert answer.status_code == 405
