"""Engagement, groups and roles of a Claude Enterprise organization."""

from collections.abc import Hashable
from typing import Any

from admin_double import engagement, extensions, rbac
from admin_double.endpoint import Endpoint
from admin_double.families import ENGAGEMENT, RBAC
from admin_double.kinds.engagement import Engagement
from admin_double.kinds.listing import TokenListing
from admin_double.wire import Record

BASE = "/v1/organizations"


def _engagement(table: str, path: str, entity: tuple[str, ...], **kind: Any) -> Endpoint:
    def entity_of(record: Record) -> Hashable:
        return tuple(str(record.get(name)) for name in entity)

    return Endpoint(
        table=f"enterprise_{table}",
        path=f"{BASE}/analytics/{path}",
        family=ENGAGEMENT,
        kind=Engagement(key=engagement.version, entity=entity_of, **kind),
    )


ENTERPRISE = (
    _engagement("users", "users", ("user",), records=engagement.users),
    _engagement(
        "summaries",
        "summaries",
        ("starting_at",),
        records=engagement.summaries,
        is_series=True,
    ),
    _engagement("projects", "apps/chat/projects", ("project_id",), records=extensions.projects),
    _engagement("skills", "skills", ("skill_name",), records=extensions.skills),
    _engagement("connectors", "connectors", ("connector_name",), records=extensions.connectors),
    _engagement("plugins", "plugins", ("plugin_name",), records=extensions.plugins),
    _engagement(
        "artifacts",
        "artifacts",
        ("artifact_type", "is_shared"),
        records=extensions.artifacts,
        takes_range=False,
    ),
    Endpoint(
        table="rbac_groups",
        path=f"{BASE}/rbac_groups",
        family=RBAC,
        kind=TokenListing(records=rbac.groups, view=rbac.group_view),
    ),
    Endpoint(
        table="rbac_group_members",
        path=BASE + "/rbac_groups/{group_id}/members",
        family=RBAC,
        parent="rbac_groups",
        kind=TokenListing(records=rbac.members, by_parent=True),
    ),
    Endpoint(
        table="rbac_roles",
        path=f"{BASE}/rbac_roles",
        family=RBAC,
        kind=TokenListing(records=rbac.roles, view=rbac.role_view),
    ),
    Endpoint(
        table="rbac_role_permissions",
        path=BASE + "/rbac_roles/{role_id}/permissions",
        family=RBAC,
        parent="rbac_roles",
        kind=TokenListing(records=rbac.permissions, by_parent=True),
    ),
)
