"""The nine endpoints, declared."""

from admin_double.dated import bucketed, claude_code
from admin_double.endpoint import Endpoint, KeyedBy
from admin_double.listings import api_keys, listed, members, nowhere, single
from admin_double.reports import COST_REPORT, USAGE_REPORT

BASE = "/v1/organizations"
ROLES = frozenset(
    (
        "admin",
        "billing",
        "claude_code_user",
        "developer",
        "managed",
        "membership_admin",
        "owner",
        "primary_owner",
        "user",
    )
)

NOWHERE = Endpoint(table="", path=".*", answer=nowhere)
ENDPOINTS = {
    endpoint.table: endpoint
    for endpoint in (
        Endpoint(table="organization", path=f"{BASE}/me", answer=single),
        Endpoint(
            table="workspaces",
            path=f"{BASE}/workspaces",
            answer=listed,
            archives=True,
            filters={"ids[]": "id"},
        ),
        Endpoint(
            table="workspace_members",
            path=BASE + "/workspaces/{workspace_id}/members",
            answer=members,
            keyed_by=KeyedBy.WORKSPACE,
        ),
        Endpoint(
            table="api_keys",
            path=f"{BASE}/api_keys",
            answer=api_keys,
            filters={
                "status": "status",
                "workspace_id": "workspace_id",
                "created_by_user_id": "created_by.id",
            },
            choices={"status": ("active", "archived", "expired", "inactive")},
        ),
        Endpoint(
            table="invites",
            path=f"{BASE}/invites",
            answer=listed,
            filters={"email": "email", "roles[]": "role", "statuses[]": "status"},
            choices={"roles[]": ROLES, "statuses[]": ("accepted", "expired", "pending")},
        ),
        Endpoint(
            table="users",
            path=f"{BASE}/users",
            answer=listed,
            filters={"email": "email", "roles[]": "role"},
            choices={"roles[]": ROLES},
        ),
        Endpoint(
            table="usage_report",
            path=f"{BASE}/usage_report/messages",
            answer=bucketed,
            keyed_by=KeyedBy.DAY,
            report=USAGE_REPORT,
        ),
        Endpoint(
            table="cost_report",
            path=f"{BASE}/cost_report",
            answer=bucketed,
            keyed_by=KeyedBy.DAY,
            report=COST_REPORT,
        ),
        Endpoint(
            table="claude_code_usage",
            path=f"{BASE}/usage_report/claude_code",
            answer=claude_code,
            keyed_by=KeyedBy.DAY,
        ),
    )
}
