"""Credentials and the version header."""

import pytest

from tests.double.client import HEADERS, Client

VERSION = {"anthropic-version": "2023-06-01"}
TOKEN = "sk-ant-oat01-double"
PERSONAL = "sk-ant-api03-double"


def asked(api, headers) -> int:
    with (client := Client(api, headers)).session:
        return client.get("organization").status_code


@pytest.fixture(autouse=True)
def accepted(api):
    api.keys.update((TOKEN, PERSONAL))


@pytest.mark.parametrize(
    "headers",
    [
        HEADERS,
        VERSION | {"x-api-key": PERSONAL},
        VERSION | {"Authorization": f"Bearer {TOKEN}"},
    ],
    ids=["admin key", "personal key", "access token"],
)
def test_an_accepted_credential_in_the_right_header_is_served(api, headers):
    assert asked(api, headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        VERSION,
        VERSION | {"x-api-key": "sk-ant-admin01-other"},
        VERSION | {"x-api-key": TOKEN},
        VERSION | {"Authorization": f"Bearer {HEADERS['x-api-key']}"},
        VERSION | {"Authorization": f"Bearer {PERSONAL}"},
        VERSION | {"Authorization": TOKEN},
    ],
    ids=["none", "unknown", "token as key", "key as token", "personal as token", "no scheme"],
)
def test_any_other_credential_is_401(api, headers):
    assert asked(api, headers) == 401


def test_a_key_is_refused_from_its_rotation_until_the_new_one_is_used(api, client):
    api.keys.clear()
    api.keys.add("sk-ant-admin01-rotated")
    assert client.get("organization").status_code == 401
    client.session.headers["x-api-key"] = "sk-ant-admin01-rotated"
    assert client.get("organization").status_code == 200


@pytest.mark.parametrize("version", [None, "2023-01-01", "latest"])
def test_a_missing_or_unknown_version_is_400(api, version):
    key = {"x-api-key": HEADERS["x-api-key"]}
    assert asked(api, key | ({"anthropic-version": version} if version else {})) == 400
