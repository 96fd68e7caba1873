"""The role's identity: what is asked of STS, and what its refusals become."""

import boto3
import pytest
from botocore.session import get_session

from claude_admin_lake.aws.identity import web_identity_token
from claude_admin_lake.errors import CredentialError
from sts_double import StsDouble

from .fakes import limited


@pytest.fixture
def sts(monkeypatch):
    with StsDouble() as running:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", running.url)
        yield running


def ask(clock, seconds=None) -> str:
    return web_identity_token(get_session(), limited(clock, seconds))


def test_the_token_is_for_anthropic_for_five_minutes_signed_with_rs256(sts, clock):
    assert ask(clock) == sts.tokens[0]
    assert sts.requests == [
        {
            "Action": "GetWebIdentityToken",
            "Version": "2011-06-15",
            "Audience.member.1": "https://api.anthropic.com",
            "SigningAlgorithm": "RS256",
            "DurationSeconds": "300",
        }
    ]


def test_the_request_is_the_one_that_botocore_sends_where_it_has_the_call(sts, clock):
    ask(clock)
    boto3.client("sts").get_web_identity_token(
        Audience=["https://api.anthropic.com"], SigningAlgorithm="RS256", DurationSeconds=300
    )
    assert sts.requests[0] == sts.requests[1]


def test_without_an_endpoint_of_its_own_the_region_s_is_asked(sts, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL_STS")
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    session = get_session()
    session.set_config_variable("sts_regional_endpoints", "regional")
    assert session.create_client("sts", "us-east-1").meta.endpoint_url == (
        "https://sts.us-east-1.amazonaws.com"
    )


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "AccessDenied", "needs sts:GetWebIdentityToken"),
        (403, "OutboundWebIdentityFederationDisabledException", "enable-outbound-web-identity"),
        (400, "ValidationError", "HTTP 400"),
    ],
)
def test_a_refusal_is_told_with_what_to_do_and_not_repeated(sts, clock, status, code, advice):
    sts.refusals = [(status, code, "not you & not now")] * 2
    with pytest.raises(CredentialError) as caught:
        ask(clock)
    for part in (code, "not you & not now", advice):
        assert part in str(caught.value)
    assert len(sts.requests) == 1


@pytest.mark.parametrize(("status", "code"), [(503, "ServiceUnavailable"), (400, "Throttling")])
def test_trouble_is_waited_out(sts, clock, status, code):
    sts.refusals = [(status, code, "later")] * 2
    assert ask(clock)
    assert clock.sleeps == [2, 4]


def test_trouble_that_stays_is_given_up(sts, clock):
    sts.refusals = [(500, "InternalFailure", "later")] * 4
    with pytest.raises(CredentialError, match="InternalFailure"):
        ask(clock)
    assert len(sts.requests) == 3


def test_an_sts_that_is_not_there_is_an_error_of_ours(sts, clock, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    with pytest.raises(CredentialError, match="STS gives no token"):
        ask(clock)
