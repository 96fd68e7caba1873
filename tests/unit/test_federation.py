"""Tokens in place of keys: the exchange, how long a token is kept, what is said and what never."""

import json
import traceback
from datetime import timedelta
from importlib import import_module

import pytest
import responses
from responses.registries import OrderedRegistry

from claude_admin_lake.errors import BadAnswer, CredentialError, ServerTrouble, scrub
from claude_admin_lake.source.accounts import Federation
from claude_admin_lake.source.api import AdminApi, Meter
from claude_admin_lake.source.credential import Anonymous, CredentialSource
from claude_admin_lake.source.federation import Tokens, exchange_query
from claude_admin_lake.source.pace import Pace
from claude_admin_lake.source.query import Query
from sts_double import Issuer

from .fakes import limited

BASE = "https://api.test"
FIELDS = {
    "federation_rule_id": "fdrl_1",
    "federation_organization_id": "11111111-2222-3333-4444-555555555555",
    "federation_service_account_id": "svac_1",
}
FEDERATION = Federation(*FIELDS.values())
ROLE = "arn:aws:iam::123456789012:role/load"
ME = Query("/v1/organizations/me", headers={"anthropic-beta": "x-1"})


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture
def server():
    with responses.RequestsMock(registry=OrderedRegistry) as mock:
        yield mock


class World:
    """Tokens with their surroundings; `identities` are those that STS has given."""

    def __init__(self, clock, issuer, kept=None) -> None:
        self.clock, self.issuer, self.identities = clock, issuer, []
        anonymous = AdminApi(BASE, Anonymous(), Pace(60_000, clock), clock, limited(clock, None))
        self.tokens = Tokens(anonymous, self._identity, clock, kept)
        source = CredentialSource(
            "the federation rule 'fdrl_1'", str, federation=FIELDS, tokens=self.tokens
        )
        self.api = AdminApi(BASE, source, Pace(60_000, clock), clock, limited(clock, None))

    def _identity(self) -> str:
        now = self.clock.now()
        self.identities.append(self.issuer.token(ROLE, "https://api.anthropic.com", now, 300))
        return self.identities[-1]

    def get(self):
        return self.api.get(ME, json.loads, Meter())


@pytest.fixture
def world(clock, issuer) -> World:
    return World(clock, issuer)


def give(server, token: str, seconds: float = 600) -> None:
    body = {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": "x"}
    server.post(f"{BASE}/v1/oauth/token", json=body)


def serve(server, status: int = 200) -> None:
    server.get(BASE + ME.path, json={"id": "o"}, status=status)


def token(number: int) -> str:
    return f"sk-ant-oat01-AbCdEf_{number}"


def bearers(server) -> list[str]:
    sent = [call.request.headers.get("Authorization", "") for call in server.calls]
    return [one.removeprefix("Bearer ") for one in sent if one]


def test_the_exchange_is_the_documented_request(server, world):
    give(server, token(1))
    serve(server)
    world.get()
    request = server.calls[0].request
    assert (request.method, request.url) == ("POST", f"{BASE}/v1/oauth/token")
    assert json.loads(request.body) == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": world.identities[0],
        "federation_rule_id": "fdrl_1",
        "organization_id": "11111111-2222-3333-4444-555555555555",
        "service_account_id": "svac_1",
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["anthropic-beta"] == "oauth-2025-04-20,oidc-federation-2026-04-01"
    assert not {"Authorization", "x-api-key"} & set(request.headers)


class Recorder:
    """Takes the official client's request instead of sending it."""

    def post(self, url, *, content, headers):
        self.url, self.content, self.headers = url, content, headers
        raise StopIteration


@pytest.mark.slow
def test_the_exchange_is_the_official_clients_request(issuer, clock):
    identity = issuer.token(ROLE, "https://api.anthropic.com", clock.now(), 300)
    recorder = Recorder()
    official = import_module("anthropic.lib.credentials").WorkloadIdentityCredentials(
        identity_token_provider=lambda: identity,
        federation_rule_id=FEDERATION.rule_id,
        organization_id=FEDERATION.organization_id,
        service_account_id=FEDERATION.service_account_id,
        http_client=recorder,
    )
    with pytest.raises(StopIteration):
        official()
    query = exchange_query(FEDERATION, identity)
    assert recorder.url == f"https://api.anthropic.com{query.path}"
    assert json.loads(recorder.content) == json.loads(query.body)
    assert recorder.headers.items() >= query.headers.items()


def test_a_token_goes_as_bearer_with_its_beta_beside_others_and_no_key(server, world):
    give(server, token(1))
    serve(server)
    world.get()
    headers = server.calls[1].request.headers
    assert headers["Authorization"] == f"Bearer {token(1)}"
    assert headers["anthropic-beta"] == "x-1,oauth-2025-04-20"
    assert "x-api-key" not in headers


@pytest.mark.parametrize(
    ("lifetime", "kept"), [(3600, 3480), (600, 480), (180, 60), (60, 12)], ids=str
)
def test_a_token_is_kept_until_two_minutes_before_its_end(server, world, lifetime, kept):
    give(server, token(1), lifetime)
    serve(server)
    serve(server)
    give(server, token(2), lifetime)
    serve(server)
    world.get()
    world.clock.pass_by(kept - 1)
    world.get()
    world.clock.pass_by(1)
    world.get()
    assert bearers(server) == [token(1), token(1), token(2)]
    assert len(world.identities) == 2


def test_a_401_renews_the_token_once(server, world):
    give(server, token(1))
    serve(server, 401)
    give(server, token(2))
    serve(server)
    assert world.get() == {"id": "o"}
    assert bearers(server) == [token(1), token(2)]


def test_a_second_401_is_the_last_and_says_what_was_refused(server, world):
    for number in (1, 2):
        give(server, token(number))
        serve(server, 401)
    with pytest.raises(CredentialError, match=r"the token that it issued for .*'fdrl_1' \(401\)"):
        world.get()
    assert bearers(server) == [token(1), token(2)]


def test_a_warm_function_keeps_the_token(server, clock, issuer):
    kept = {}
    give(server, token(1))
    serve(server)
    serve(server)
    World(clock, issuer, kept).get()
    later = World(clock, issuer, kept)
    later.get()
    assert later.identities == []


def test_a_denial_says_who_asked_and_what_to_compare(server, world):
    denial = {"error": {"type": "authentication_error", "message": "Authentication failed"}}
    server.post(f"{BASE}/v1/oauth/token", json=denial, status=401, headers={"request-id": "req_9"})
    with pytest.raises(CredentialError) as caught:
        world.get()
    message = str(caught.value)
    for part in (
        ROLE, world.issuer.url, "https://api.anthropic.com", *FIELDS.values(), "org:admin",
        "authentication history", "HTTP 401", "req_9", "Authentication failed",
    ):  # fmt: skip
        assert part in message
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_every_refusal_of_the_exchange_ends_the_run(server, world, status):
    server.post(f"{BASE}/v1/oauth/token", json={}, status=status)
    with pytest.raises(CredentialError, match=f"HTTP {status}"):
        world.get()


def test_trouble_of_the_exchange_is_waited_out(server, world):
    server.post(f"{BASE}/v1/oauth/token", status=503)
    give(server, token(1))
    serve(server)
    world.get()
    assert world.clock.elapsed() > 0
    assert len(world.identities) == 1


def test_trouble_that_stays_is_no_fault_of_the_credential(server, world):
    for _ in range(6):
        server.post(f"{BASE}/v1/oauth/token", status=503)
    with pytest.raises(ServerTrouble):
        world.get()


def test_an_answer_without_a_token_is_not_repeated_in_the_error(server, world):
    server.post(f"{BASE}/v1/oauth/token", json={"access_token": 5, "expires_in": token(1)})
    with pytest.raises(BadAnswer) as caught:
        world.get()
    assert token(1) not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("status", [401, 400, 503, 429])
def test_neither_token_nor_assertion_is_in_an_error_or_a_log(server, world, caplog, status):
    """Even if the answer repeats what was sent."""

    def echo(request):
        return (status, {}, f"refused: {request.body!r} for {token(1)}")

    for _ in range(10 if status == 429 else 6 if status == 503 else 1):
        server.add_callback("POST", f"{BASE}/v1/oauth/token", callback=echo)
    with pytest.raises((CredentialError, ServerTrouble)) as caught:
        world.get()
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert token(1) not in told
    for part in world.identities[0].split("."):
        assert part not in told


def test_nothing_that_holds_a_token_shows_it(server, world):
    give(server, token(1))
    serve(server)
    world.get()
    shown = f"{world.tokens._kept!r} {world.tokens!r} {world.tokens.current(FEDERATION)!r}"
    assert token(1) not in shown


def test_a_clock_that_stood_still_while_the_function_was_frozen_does_not_matter(server, world):
    """A token's end is a time of day, not an age: a frozen function does not age."""
    give(server, token(1))
    serve(server)
    world.get()
    world.clock._start += timedelta(hours=2)
    give(server, token(2))
    serve(server)
    world.get()
    assert bearers(server) == [token(1), token(2)]


def test_assertions_are_scrubbed_wherever_they_stand(issuer, clock):
    identity = issuer.token(ROLE, "https://api.anthropic.com", clock.now(), 300)
    for text in (f"x {identity} y", f'{{"assertion":"{identity}"}}', f"'{identity[:-40]}"):
        assert "eyJ" not in scrub(text)


def test_on_a_laptop_federation_is_refused_in_its_own_words():
    source = CredentialSource("the variable", lambda: json.dumps(FIELDS))
    with pytest.raises(CredentialError, match="has federation, for which a role on AWS is needed"):
        source.current()
