"""The official Python SDK reads every endpoint of the double that it knows.

It sends its own credentials, version and beta headers. Every row must be valid by the SDK's types,
strictly: no field is unknown, none is missing, and none has another type.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from admin_double import ACCESS_TOKEN, ENDPOINTS, ENTERPRISE_KEY, KEY, AdminDouble

VERSION = "2026-10-21"
ALL = {"include_archived": "true", "include_default": "true", "include_inherited": "true"}
DAYS = [f"2026-04-{day:02}" for day in range(1, 15)]
RANGE = {
    "starting_at": "2026-04-01T00:00:00Z",
    "ending_at": "2026-04-15T00:00:00Z",
    "time_bucket_width": "1d",
    "order_by": "time",
    "order": "asc",
}
BILLING = ["workspace_id", "model", "service_tier", "context_window", "inference_geo"]
BY_ACTOR = ["actor", "api_key_id", "workspace_id", "model", "product"]
DAY = {"date": "2026-04-09"}


Read = Callable[[Any, AdminDouble], Iterable[BaseModel]]


class Walk(NamedTuple):
    """How the SDK reads a table, and with which credential."""

    read: Read
    credential: str = KEY


def resource(client: Any, name: str) -> Any:
    found: Any = client
    for part in name.split("."):
        found = getattr(found, part)
    return found


def listed(name: str, **query: Any) -> Read:
    """Read a list, page by page."""
    return lambda client, _: resource(client, name).list(**query)


def children(name: str, parents: str, **query: Any) -> Read:
    """Read the list of each parent; an archived workspace may have none."""

    def read(client: Any, api: AdminDouble) -> Iterator[BaseModel]:
        for parent in api.truth(parents, flags=ALL):
            try:
                yield from resource(client, name).list(parent["id"], **query)
            except import_module("anthropic").NotFoundError:
                assert parent["archived_at"]

    return read


def analytics(name: str, group_by: list[str]) -> Read:
    return listed(f"beta.organization.analytics.{name}", **RANGE, group_by=group_by, limit=50)


WALKS = {
    "workspaces": Walk(
        listed("organization.workspaces", include_archived=True, include_default=True, limit=2)
    ),
    "workspace_members": Walk(children("organization.workspaces.members", "workspaces", limit=7)),
    "api_keys": Walk(listed("organization.api_keys", limit=5)),
    "invites": Walk(listed("organization.invites", limit=20)),
    "users": Walk(listed("organization.users", limit=5)),
    "service_accounts": Walk(
        listed("organization.service_accounts", include_archived=True, limit=2), ACCESS_TOKEN
    ),
    "federation_issuers": Walk(
        listed("organization.federation.issuers", include_archived=True, limit=2), ACCESS_TOKEN
    ),
    "federation_rules": Walk(
        listed("organization.federation.rules", include_archived=True, limit=3), ACCESS_TOKEN
    ),
    "rate_limits": Walk(listed("organization.rate_limits", limit=4)),
    "workspace_rate_limits": Walk(
        children(
            "organization.workspaces.rate_limits", "workspaces", include_inherited=True, limit=4
        )
    ),
    "spend_limits": Walk(listed("beta.organization.spend_limits", limit=3)),
    "external_keys": Walk(listed("organization.external_keys", limit=2)),
    "rbac_groups": Walk(listed("organization.rbac_groups", limit=3), ENTERPRISE_KEY),
    "rbac_group_members": Walk(
        children("organization.rbac_groups.members", "rbac_groups", limit=5), ENTERPRISE_KEY
    ),
    "rbac_roles": Walk(listed("organization.rbac_roles", limit=2), ENTERPRISE_KEY),
    "rbac_role_permissions": Walk(
        children("organization.rbac_roles.permissions", "rbac_roles", limit=2), ENTERPRISE_KEY
    ),
    "analytics_usage": Walk(analytics("usage", BILLING)),
    "analytics_usage_by_actor": Walk(analytics("usage", BY_ACTOR)),
    "analytics_cost": Walk(analytics("cost", [*BILLING, "cost_type", "token_type"])),
    "analytics_cost_by_actor": Walk(analytics("cost", BY_ACTOR)),
    "enterprise_users": Walk(
        listed("organization.analytics.users", **DAY, limit=5), ENTERPRISE_KEY
    ),
    "enterprise_summaries": Walk(
        listed(
            "organization.analytics.summaries", starting_date="2026-04-09", ending_date="2026-04-10"
        ),
        ENTERPRISE_KEY,
    ),
    "enterprise_projects": Walk(
        listed("organization.analytics.apps.chat.projects", **DAY, limit=2), ENTERPRISE_KEY
    ),
    "enterprise_skills": Walk(
        listed("organization.analytics.skills", **DAY, limit=2), ENTERPRISE_KEY
    ),
    "enterprise_connectors": Walk(
        listed("organization.analytics.connectors", **DAY, limit=2), ENTERPRISE_KEY
    ),
    "enterprise_plugins": Walk(
        listed("organization.analytics.plugins", **DAY, limit=1), ENTERPRISE_KEY
    ),
    "enterprise_artifacts": Walk(
        listed("organization.analytics.artifacts", **DAY, limit=4), ENTERPRISE_KEY
    ),
}


def client_of(api: AdminDouble, credential: str) -> Any:
    """The SDK's client. The SDK is imported here, because that takes seconds."""
    kind = "auth_token" if credential == ACCESS_TOKEN else "api_key"
    return import_module("anthropic").Anthropic(
        base_url=api.url, max_retries=0, **{kind: credential}
    )


def truth_text(api: AdminDouble, table: str) -> list[bytes]:
    if table.startswith("analytics"):
        return [text for day in DAYS for text in api.truth_text(table, day)]
    if table.startswith("enterprise"):
        return api.truth_text(table, DAY["date"])
    return api.truth_text(table, flags=ALL, version=VERSION)


def unknown(value: object, where: str = "") -> list[str]:
    """The fields that the SDK's types do not have."""
    if isinstance(value, list):
        return [name for each in value for name in unknown(each, f"{where}[]")]
    if not isinstance(value, BaseModel):
        return []
    extra = [f"{where}.{name}" for name in value.model_extra or ()]
    known = type(value).model_fields
    return extra + [n for name in known for n in unknown(getattr(value, name), f"{where}.{name}")]


@pytest.mark.parametrize("table", WALKS)
def test_every_row_of_every_page_is_valid_strictly_and_without_unknown_fields(api, table):
    walk = WALKS[table]
    with client_of(api, walk.credential) as client:
        rows = list(walk.read(client, api))
    texts = truth_text(api, table)
    assert len(rows) == len(texts) > 0
    for row, text in zip(rows, texts, strict=True):
        assert type(row).model_validate_json(text, strict=True) == row
        assert unknown(row) == []
    assert api.count(table) > 1 or len(rows) == 1


def test_single_objects_are_valid_too(api):
    with client_of(api, KEY) as client:
        found = {
            "organization": client.organization.retrieve(),
            "compliance_settings": client.organization.compliance_settings.retrieve(),
        }
    for table, row in found.items():
        (text,) = api.truth_text(table)
        assert type(row).model_validate_json(text, strict=True) == row
        assert unknown(row) == []


def test_the_sdk_sends_keys_as_bearer_tokens_with_the_newer_version(api):
    with client_of(api, KEY) as client:
        client.organization.users.list()
    (sent,) = api.requests
    assert sent.headers["anthropic-version"] == VERSION
    assert sent.headers["authorization"].startswith("Bearer sk-ant-admin")
    assert "x-api-key" not in sent.headers


def test_every_table_that_the_sdk_knows_is_walked(api):
    """The SDK has neither the older reports nor the activity feed."""
    tables = {endpoint.table for endpoint in ENDPOINTS}
    unread = {"usage_report", "usage_report_hourly", "cost_report", "claude_code_usage"}
    single = {"organization", "compliance_settings"}
    assert tables - set(WALKS) == unread | single | {"compliance_activities"}
