"""Runs with every kind of credential, in both headers and both versions of the API."""

import gzip
import json
import logging

import boto3
import pytest
from msgspec.structs import replace

from admin_double import AdminDouble, Rule
from claude_admin_lake.errors import CredentialError
from claude_admin_lake.function import app
from claude_admin_lake.settings import API_VERSIONS
from sts_double import Issuer, StsDouble

from .world import DATED, MAIN, NOW, World, ago, assert_day_is_true, assert_rows_are


def headers_sent(world) -> set[str]:
    names = {"x-api-key", "authorization"}
    return {name for request in world.api.requests for name in names & set(request.headers)}


@pytest.mark.parametrize("version", API_VERSIONS)
def test_both_versions_of_the_api_load_without_drift(world, version):
    world.settings["ANTHROPIC_VERSION"] = version
    result = world.run()
    assert result.status == "complete"
    assert [outcome.table for outcome in result.outcomes if outcome.drift] == []
    assert {one.headers["anthropic-version"] for one in world.api.requests} == {version}
    rows = world.rows("api_keys/organization=main/api_keys.jsonl.gz")
    assert_rows_are("api_keys", rows, world.api.truth_text("api_keys", version=version))
    reports = world.rows(f"load_runs/organization=main/date={NOW.date()}/run.jsonl.gz")
    assert {row["api_version"] for row in reports} == {version}


def test_an_api_that_takes_keys_as_bearer_only_costs_one_request_more(world):
    world.settings["ANTHROPIC_VERSION"] = "2026-10-21"
    world.api.switches.key_headers = {"bearer"}
    assert world.run().status == "complete"
    statuses = [request.status for request in world.api.requests]
    assert (statuses[0], 401 in statuses[1:]) == (401, False)


def test_no_request_has_the_key_in_two_headers(world):
    world.settings["ANTHROPIC_VERSION"] = "2026-10-21"
    world.api.switches.key_headers = {"bearer"}
    world.run()
    both = {"x-api-key", "authorization"}
    assert all(len(both & set(request.headers)) == 1 for request in world.api.requests)
    assert headers_sent(world) == both


def test_a_key_that_neither_header_admits_ends_the_run_after_two_requests(world):
    world.api.switches.key_headers = set()
    with pytest.raises(CredentialError, match="an Admin API key, and may be revoked"):
        world.run()
    assert [request.status for request in world.api.requests] == [401, 401]


RULE, ACCOUNT = "fdrl_1", "svac_1"


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture
def sts(on_aws, issuer, monkeypatch):
    with StsDouble(issuer, now=lambda: on_aws.api.now) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", running.url)
        yield running


def trust(api: AdminDouble, sts: StsDouble) -> dict[str, str]:
    """Let the role in, and return what a function or a secret is told about that."""
    api.keys.clear()
    rule = Rule(
        id=RULE,
        organization_id=api.organization.id,
        service_account_id=ACCOUNT,
        issuer=sts.issuer.url,
        verify=sts.issuer.verify,
        subject_prefix=sts.role,
    )
    api.trust(rule)
    return {
        "federation_rule_id": RULE,
        "federation_organization_id": api.organization.id,
        "federation_service_account_id": ACCOUNT,
    }


@pytest.fixture
def federated(on_aws, sts) -> World:
    """A world without any stored key: the secret does not even exist."""
    fields = trust(on_aws.api, sts)
    on_aws.settings |= {name.upper(): value for name, value in fields.items()}
    boto3.client("secretsmanager").delete_secret(SecretId="key", ForceDeleteWithoutRecovery=True)
    environment = dict(on_aws.store.environment)
    del environment["ADMIN_KEY_SECRET_ID"]
    on_aws.store = _Without(on_aws.store, environment)
    return on_aws


class _Without:
    """A store with another environment."""

    def __init__(self, store, environment) -> None:
        self._store, self.environment = store, environment

    def __getattr__(self, name):
        return getattr(self._store, name)


def test_a_role_loads_everything_without_a_stored_key(federated, sts):
    assert federated.run().status == "complete"
    for table in DATED:
        assert_day_is_true(federated, table, ago(2))
    assert federated.api.count("token") == len(sts.tokens) == 1


def test_a_token_that_expires_in_the_middle_of_a_run_loses_nothing(federated, sts):
    """The API ends the first token early: a 401 has it exchanged anew, once."""
    ended = []

    def end(_: object) -> None:
        if not ended and len(federated.api.requests) > 10:
            federated.api.expire_tokens()
            ended.append(True)

    result = federated.run(services=replace(federated.services(), progress=end))
    assert (result.status, bool(ended)) == ("complete", True)
    assert len(sts.tokens) == 2
    assert [request.status for request in federated.api.requests].count(401) == 1
    for n in range(1, 11):
        assert_day_is_true(federated, "claude_code_usage", ago(n))


def test_a_long_run_renews_its_token_before_it_ends(federated, sts):
    """At two requests a minute a run takes longer than a token lives."""
    federated.settings["REQUESTS_PER_MINUTE"] = "2"
    federated.clock.sleep = _sleep_in_both(federated, federated.clock.sleep)
    result = federated.run(seconds=900)
    assert result.status in ("complete", "incomplete")
    assert len(sts.tokens) > 1
    assert {request.status for request in federated.api.requests} <= {200, 404}


def _sleep_in_both(world, sleep):
    def both(seconds: float) -> None:
        sleep(seconds)
        world.api.now = world.clock.now()

    return both


def test_a_token_withdrawn_for_good_ends_the_run(federated):
    federated.api.switches.key_headers = set()
    federated.api.withhold("standard", 401)
    with pytest.raises(CredentialError, match="a second one too"):
        federated.run()


def test_a_denied_exchange_writes_nothing_and_says_what_to_compare(federated, sts):
    sts.role = "arn:aws:iam::123456789012:role/another"
    with pytest.raises(CredentialError, match=r"role/another.*authentication history"):
        federated.run()
    assert federated.store.objects() == {}


def test_neither_token_nor_assertion_leaves_the_function(
    federated, sts, capsys, caplog, monkeypatch
):
    """Not in a log (of any library, at any level), a metric, an object, an item or a result."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(app, "SystemClock", lambda: federated.clock)
    for name, value in federated.environment.items():
        monkeypatch.setenv(name, value)
    result = app.lambda_handler({})
    monkeypatch.setattr(sts, "role", "arn:aws:iam::123456789012:role/another")
    federated.api.expire_tokens()
    with pytest.raises(CredentialError) as caught:
        app.lambda_handler({})
    items = boto3.client("dynamodb").scan(TableName="cursors")["Items"]
    told = capsys.readouterr()
    shown = f"{told.out} {told.err} {caplog.text} {result} {caught.value} {items}"
    shown += " ".join(gzip.decompress(body).decode() for body in federated.store.objects().values())
    assert len(sts.tokens) > 1
    assert "sk-ant-oat" not in shown
    for token in sts.tokens:
        assert token.rpartition(".")[2] not in shown
        assert token.split(".")[1] not in shown


def test_organizations_may_each_have_a_federation_in_the_secret(on_aws, sts):
    fields = trust(on_aws.api, sts)
    document = {"organizations": {MAIN: fields, "other": {"api_key": "sk-ant-admin01-other"}}}
    boto3.client("secretsmanager").put_secret_value(
        SecretId="key", SecretString=json.dumps(document)
    )
    assert on_aws.run().status == "complete"
    assert len(sts.tokens) == 1
