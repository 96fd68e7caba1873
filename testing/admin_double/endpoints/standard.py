"""The organization, its lists, and the three reports of the Admin API."""

from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

from admin_double.contents import Contents
from admin_double.credentials import NEWER_VERSION
from admin_double.endpoint import Endpoint
from admin_double.errors import ApiError
from admin_double.kinds.buckets import Buckets
from admin_double.kinds.listing import Listing, SingleObject
from admin_double.kinds.one_day import OneDay
from admin_double.reports import COST_REPORT, USAGE_REPORT
from admin_double.request import IncomingRequest
from admin_double.rhythm import coding_version
from admin_double.wire import DAY, Record, midnight

BASE = "/v1/organizations"
CODING_LAG = timedelta(hours=1)
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


def _members(contents: Contents, workspace_id: str) -> list[Record]:
    organization = contents.organization
    records = organization.member_records(workspace_id, contents.now())
    is_default = workspace_id == organization.default_workspace_id
    if records is None or (is_default and not contents.switches.default_has_members):
        raise ApiError(404, f"Workspace {workspace_id} not found")
    return records


def _workspaces(contents: Contents, _: str) -> list[Record]:
    organization, now = contents.organization, contents.now()
    records = organization.workspace_records(now)
    if contents.switches.default_workspace == "listed":
        records.append(organization.default_workspace_record(now))
    return records


def _too_new(contents: Contents) -> tuple[str, ...]:
    return ("include_default",) if contents.switches.default_workspace == "refused" else ()


def _is_default(contents: Contents, workspace: Mapping[str, Any]) -> bool:
    return workspace.get("id") == contents.organization.default_workspace_id


def _is_archived(_: Contents, workspace: Mapping[str, Any]) -> object:
    return workspace.get("archived_at")


def _key_view(contents: Contents, version: str, key: Record) -> Record:
    """The newer version names a key's workspace only in its scope."""
    if version == NEWER_VERSION:
        key = {name: value for name, value in key.items() if name != "workspace_id"}
        return _with_principal(key, "actor")
    return _with_principal(key, contents.switches.principal_shape)


def _with_principal(key: Record, shape: str) -> Record:
    principal = key.get("principal")
    if not isinstance(principal, dict) or shape == "mixed":
        return key
    kind = str(principal["type"]).removesuffix("_actor")
    name = principal.get("id") or principal.get(f"{kind}_id")
    actor = {"type": f"{kind}_actor", f"{kind}_id": name}
    return {**key, "principal": actor if shape == "actor" else {"id": name, "type": kind}}


def _hourly(request: IncomingRequest) -> bool:
    return request.value("bucket_width") == "1h"


def _coding_horizon(contents: Contents, day: date) -> Hashable:
    return coding_version(contents.age(day)), min(contents.now() - CODING_LAG, midnight(day) + DAY)


def _coding(contents: Contents, day: date) -> list[Record]:
    age = contents.age(day)
    if age < 0:
        return []
    served = contents.organization.sessions(day, age)
    return [each.record for each in served if each.at < contents.now() - CODING_LAG]


STANDARD = (
    Endpoint(
        table="organization",
        path=f"{BASE}/me",
        kind=SingleObject(record=lambda contents: contents.organization.record()),
    ),
    Endpoint(
        table="workspaces",
        path=f"{BASE}/workspaces",
        kind=Listing(
            records=_workspaces,
            filters={"ids[]": "id"},
            shown_by={"include_archived": _is_archived, "include_default": _is_default},
            usual_flags=("include_archived", "include_default"),
            too_new=_too_new,
        ),
    ),
    Endpoint(
        table="workspace_members",
        path=BASE + "/workspaces/{workspace_id}/members",
        parent="workspaces",
        kind=Listing(records=_members, by_parent=True),
    ),
    Endpoint(
        table="api_keys",
        path=f"{BASE}/api_keys",
        kind=Listing(
            records=lambda contents, _: contents.organization.api_key_records(),
            filters={
                "status": "status",
                "workspace_id": "workspace_id",
                "created_by_user_id": "created_by.id",
            },
            choices={"status": ("active", "archived", "expired", "inactive")},
            view=_key_view,
        ),
    ),
    Endpoint(
        table="invites",
        path=f"{BASE}/invites",
        kind=Listing(
            records=lambda contents, _: contents.organization.invite_records(contents.now()),
            filters={"email": "email", "roles[]": "role", "statuses[]": "status"},
            choices={"roles[]": ROLES, "statuses[]": ("accepted", "expired", "pending")},
        ),
    ),
    Endpoint(
        table="users",
        path=f"{BASE}/users",
        kind=Listing(
            records=lambda contents, _: contents.organization.user_records(),
            filters={"email": "email", "roles[]": "role"},
            choices={"roles[]": ROLES},
        ),
    ),
    Endpoint(
        table="usage_report_hourly",
        path=f"{BASE}/usage_report/messages",
        reads=_hourly,
        kind=Buckets(report=USAGE_REPORT, width="1h"),
    ),
    Endpoint(
        table="usage_report",
        path=f"{BASE}/usage_report/messages",
        kind=Buckets(report=USAGE_REPORT),
    ),
    Endpoint(
        table="cost_report",
        path=f"{BASE}/cost_report",
        kind=Buckets(report=COST_REPORT),
    ),
    Endpoint(
        table="claude_code_usage",
        path=f"{BASE}/usage_report/claude_code",
        kind=OneDay(records=_coding, key=_coding_horizon),
    ),
)
