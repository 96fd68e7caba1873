"""Lists of who and what may use the organization, and how much."""

from collections.abc import Mapping
from typing import Any

from admin_double import access, federation
from admin_double.contents import Contents
from admin_double.endpoint import Endpoint
from admin_double.families import ACCESS as FAMILY
from admin_double.families import FEDERATION, SPEND_LIMITS
from admin_double.kinds.listing import SingleObject, TokenListing
from admin_double.request import Limit

BASE = "/v1/organizations"
UP_TO_100, ALL_AT_ONCE = Limit(20, 100), Limit(1000, 1000)
GROUP_TYPES = ("batch", "files", "model_group", "skills", "token_count", "web_search")
SCOPES = (
    "organization",
    "organization_service",
    "rbac_group",
    "seat_tier",
    "usage_tier",
    "user",
    "workspace",
)


def _is_archived(_: Contents, record: Mapping[str, Any]) -> object:
    return record.get("archived_at")


def _is_inherited(_: Contents, record: Mapping[str, Any]) -> bool:
    return all(limit["source"]["type"] == "organization" for limit in record.get("limits", ()))


ARCHIVED: Mapping[str, Any] = {
    "shown_by": {"include_archived": _is_archived},
    "usual_flags": ("include_archived",),
}
ACCESS = (
    Endpoint(
        table="service_accounts",
        path=f"{BASE}/service_accounts",
        family=FEDERATION,
        kind=TokenListing(records=access.service_accounts, limit=UP_TO_100, **ARCHIVED),
    ),
    Endpoint(
        table="federation_issuers",
        path=f"{BASE}/federation_issuers",
        family=FEDERATION,
        kind=TokenListing(records=federation.issuers, limit=UP_TO_100, **ARCHIVED),
    ),
    Endpoint(
        table="federation_rules",
        path=f"{BASE}/federation_rules",
        family=FEDERATION,
        kind=TokenListing(
            records=federation.rules,
            filters={"issuer_id": "issuer_id"},
            limit=UP_TO_100,
            **ARCHIVED,
        ),
    ),
    Endpoint(
        table="rate_limits",
        path=f"{BASE}/rate_limits",
        family=FAMILY,
        kind=TokenListing(
            records=access.rate_limits,
            filters={"group_type": "group.type", "model": "models"},
            must_match=("model",),
            choices={"group_type": GROUP_TYPES},
            limit=ALL_AT_ONCE,
            view=access.rate_limit_view,
        ),
    ),
    Endpoint(
        table="workspace_rate_limits",
        path=BASE + "/workspaces/{workspace_id}/rate_limits",
        family=FAMILY,
        parent="workspaces",
        kind=TokenListing(
            records=access.workspace_rate_limits,
            filters={"group_type": "group.type"},
            choices={"group_type": GROUP_TYPES},
            shown_by={"include_inherited": _is_inherited},
            limit=ALL_AT_ONCE,
            by_parent=True,
        ),
    ),
    Endpoint(
        table="spend_limits",
        path=f"{BASE}/spend_limits",
        family=SPEND_LIMITS,
        kind=TokenListing(
            records=access.spend_limits,
            filters={"scope_type[]": "scope.type", "workspace_id": "scope.workspace_id"},
            choices={"scope_type[]": SCOPES},
        ),
    ),
    Endpoint(
        table="external_keys",
        path=f"{BASE}/external_keys",
        family=FAMILY,
        kind=TokenListing(records=access.external_keys),
    ),
    Endpoint(
        table="compliance_settings",
        path=f"{BASE}/compliance_settings",
        family=FAMILY,
        kind=SingleObject(
            record=lambda _: {"type": "compliance_settings", "state": {"type": "enabled"}}
        ),
    ),
)
