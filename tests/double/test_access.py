"""Which credentials are admitted to which endpoints, and in which headers."""

import pytest

from admin_double import ACCESS_TOKEN, ENTERPRISE_KEY, KEY
from tests.double.client import ANALYTICS_BETA, BASE, Client

OLDER, NEWER = "2023-06-01", "2026-10-21"
PERSONAL = "sk-ant-api03-personal"
REQUESTS = {
    "standard": (f"{BASE}/me", {}),
    "analytics": (f"{BASE}/analytics/usage", {"starting_at": "2026-04-08T00:00:00Z"}),
    "access": (f"{BASE}/rate_limits", {}),
    "federation": (f"{BASE}/service_accounts", {}),
    "spend_limits": (f"{BASE}/spend_limits", {}),
    "engagement": (f"{BASE}/analytics/users", {"date": "2026-04-10"}),
    "rbac": (f"{BASE}/rbac_groups", {}),
    "compliance": ("/v1/compliance/activities", {}),
}
BETAS = {"analytics": ANALYTICS_BETA, "spend_limits": "spend-limit-reads-2026-09-26"}
ADMITTED = {
    "standard": {KEY, PERSONAL, ACCESS_TOKEN},
    "analytics": {KEY, PERSONAL, ACCESS_TOKEN, ENTERPRISE_KEY},
    "access": {KEY, PERSONAL, ACCESS_TOKEN},
    "federation": {ACCESS_TOKEN},
    "spend_limits": {KEY, PERSONAL, ACCESS_TOKEN, ENTERPRISE_KEY},
    "engagement": {ENTERPRISE_KEY},
    "rbac": {ENTERPRISE_KEY},
    "compliance": {KEY, ENTERPRISE_KEY},
}
ALL = (KEY, PERSONAL, ACCESS_TOKEN, ENTERPRISE_KEY)


@pytest.fixture(autouse=True)
def personal(api):
    api.keys.add(PERSONAL)


def response(api, family, headers):
    path, query = REQUESTS[family]
    with (client := Client(api, headers)).session:
        return client.get(path, query)


def headers(credential, family="standard", version=OLDER, *, bearer=False):
    bearer = bearer or credential == ACCESS_TOKEN
    sent = {"Authorization": f"Bearer {credential}"} if bearer else {"x-api-key": credential}
    beta = {"anthropic-beta": f"other-2026-01-01, {BETAS[family]}"} if family in BETAS else {}
    return {"anthropic-version": version, **sent, **beta}


@pytest.mark.parametrize("credential", ALL)
@pytest.mark.parametrize("family", REQUESTS)
def test_a_family_admits_its_kinds_of_credential(api, family, credential):
    status = response(api, family, headers(credential, family)).status_code
    assert status == (200 if credential in ADMITTED[family] else 403)


@pytest.mark.parametrize("family", REQUESTS)
def test_without_a_credential_the_response_is_401_but_compliance_hides(api, family):
    found = response(api, family, {"anthropic-version": OLDER})
    assert found.status_code == (404 if family == "compliance" else 401)


@pytest.mark.parametrize("family", REQUESTS)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_family_can_be_withheld_from_the_organization(api, family, status):
    credential = min(ADMITTED[family])
    api.withhold(family, status)
    assert response(api, family, headers(credential, family)).status_code == status
    others = {name for name in REQUESTS if name != family and credential in ADMITTED[name]}
    for other in others:
        assert response(api, other, headers(credential, other)).status_code == 200
    api.offer(family)
    assert response(api, family, headers(credential, family)).status_code == 200


def test_a_family_can_be_withheld_from_one_credential(api):
    api.withhold("access", 403, KEY)
    assert response(api, "access", headers(KEY)).status_code == 403
    assert response(api, "access", headers(ACCESS_TOKEN)).status_code == 200


def test_an_unknown_family_is_a_mistake(api):
    with pytest.raises(ValueError, match="must be one of"):
        api.withhold("analytic")


@pytest.mark.parametrize("family", BETAS)
@pytest.mark.parametrize("status", [400, 404])
def test_a_missing_beta_header_has_the_chosen_status(api, family, status):
    api.switches.missing_beta_status = status
    assert response(api, family, headers(KEY)).status_code == status


@pytest.mark.parametrize(
    ("accepted", "version", "bearer", "status"),
    [
        ({"x-api-key", "bearer"}, OLDER, False, 200),
        ({"x-api-key", "bearer"}, OLDER, True, 401),
        ({"x-api-key", "bearer"}, NEWER, False, 200),
        ({"x-api-key", "bearer"}, NEWER, True, 200),
        ({"x-api-key"}, NEWER, True, 401),
        ({"x-api-key"}, NEWER, False, 200),
        ({"bearer"}, OLDER, False, 401),
        ({"bearer"}, NEWER, False, 401),
        ({"bearer"}, NEWER, True, 200),
    ],
)
@pytest.mark.parametrize("key", [KEY, PERSONAL, ENTERPRISE_KEY])
def test_a_key_is_accepted_in_the_chosen_headers(api, accepted, version, bearer, status, key):
    family = "rbac" if key == ENTERPRISE_KEY else "standard"
    api.switches.key_headers = accepted
    sent = headers(key, family, version, bearer=bearer)
    assert response(api, family, sent).status_code == status


def test_an_unidentified_compliance_error_has_no_request_id(api):
    found = response(api, "compliance", {"x-api-key": "sk-ant-admin01-wrong"})
    assert (found.status_code, found.json()["request_id"]) == (401, None)
    assert found.json()["error"]["message"] == "API key is invalid."
    assert "request-id" not in found.headers


@pytest.mark.parametrize("version", [None, "nonsense"])
def test_compliance_needs_no_version(api, version):
    sent = {"x-api-key": KEY} | ({"anthropic-version": version} if version else {})
    assert response(api, "compliance", sent).status_code == 200


def test_the_engagement_endpoints_have_a_rate_limit_of_their_own(api):
    api.enterprise_rate_limit = 2
    enterprise = headers(ENTERPRISE_KEY)
    statuses = [response(api, "engagement", enterprise).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert response(api, "standard", headers(KEY)).status_code == 200
