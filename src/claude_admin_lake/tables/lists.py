"""The lists of who and what may use the organization: access, and roles in Claude Enterprise."""

from . import access_columns as columns
from .access import Access, Key
from .money import dollars
from .paging import UNSTATED, by_token
from .table import DEFAULT_WORKSPACE, Derived, Parent, Table

_ORGANIZATIONS = "/v1/organizations"
_ARCHIVED = (("include_archived", "true"),)
_OAUTH = Access(keys=(Key.OAUTH,))
_ENTERPRISE = Access(keys=(Key.ENTERPRISE,))

ACCESS: tuple[Table, ...] = (
    Table(
        name="service_accounts",
        about="Service accounts and their roles, including archived ones",
        group="access",
        path=f"{_ORGANIZATIONS}/service_accounts",
        access=_OAUTH,
        columns=columns.SERVICE_ACCOUNTS,
        paging=by_token(100, has_more=False),
        params=_ARCHIVED,
    ),
    Table(
        name="federation_issuers",
        about="Issuers whose identity tokens are trusted, including archived ones",
        group="access",
        path=f"{_ORGANIZATIONS}/federation_issuers",
        access=_OAUTH,
        columns=columns.FEDERATION_ISSUERS,
        paging=by_token(100, has_more=False),
        params=_ARCHIVED,
    ),
    Table(
        name="federation_rules",
        about="Which identity tokens become which service account, including archived rules",
        group="access",
        path=f"{_ORGANIZATIONS}/federation_rules",
        access=_OAUTH,
        columns=columns.FEDERATION_RULES,
        paging=by_token(100, has_more=False),
        params=_ARCHIVED,
    ),
    Table(
        name="rate_limits",
        about="The organization's rate limits by group of models or of endpoints",
        group="access",
        path=f"{_ORGANIZATIONS}/rate_limits",
        columns=columns.RATE_LIMITS,
        paging=by_token(1000, has_more=False),
    ),
    Table(
        name="workspace_rate_limits",
        about="Rate limits that a workspace overrides",
        group="access",
        path=f"{_ORGANIZATIONS}/workspaces/{{parent_id}}/rate_limits",
        columns=columns.WORKSPACE_RATE_LIMITS,
        paging=by_token(1000, has_more=False),
        parent=Parent(table="workspaces", gone_field="archived_at", unlisted=DEFAULT_WORKSPACE),
    ),
    Table(
        name="spend_limits",
        about="Spend limits, by scope",
        group="access",
        path=f"{_ORGANIZATIONS}/spend_limits",
        access=Access(beta="spend-limit-reads-2026-09-26"),
        columns=columns.SPEND_LIMITS,
        paging=by_token(UNSTATED, has_more=False),
        derived=(Derived("amount_usd", ("amount", "currency"), dollars),),
    ),
    Table(
        name="external_keys",
        about="Customer-managed encryption keys",
        group="access",
        path=f"{_ORGANIZATIONS}/external_keys",
        columns=columns.EXTERNAL_KEYS,
        paging=by_token(UNSTATED, has_more=False),
    ),
)

RBAC: tuple[Table, ...] = (
    Table(
        name="rbac_groups",
        about="Groups of people in Claude Enterprise, and their roles",
        group="enterprise",
        path=f"{_ORGANIZATIONS}/rbac_groups",
        access=_ENTERPRISE,
        columns=columns.RBAC_GROUPS,
        paging=by_token(1000, has_more=False),
    ),
    Table(
        name="rbac_group_members",
        about="Who is in which group",
        group="enterprise",
        path=f"{_ORGANIZATIONS}/rbac_groups/{{parent_id}}/members",
        access=_ENTERPRISE,
        columns=columns.RBAC_GROUP_MEMBERS,
        paging=by_token(1000, has_more=False),
        parent=Parent(table="rbac_groups"),
    ),
    Table(
        name="rbac_roles",
        about="Roles in Claude Enterprise",
        group="enterprise",
        path=f"{_ORGANIZATIONS}/rbac_roles",
        access=_ENTERPRISE,
        columns=columns.RBAC_ROLES,
        paging=by_token(1000, has_more=False),
    ),
    Table(
        name="rbac_role_permissions",
        about="What each role permits",
        group="enterprise",
        path=f"{_ORGANIZATIONS}/rbac_roles/{{parent_id}}/permissions",
        access=_ENTERPRISE,
        columns=columns.RBAC_ROLE_PERMISSIONS,
        paging=by_token(1000, has_more=False),
        parent=Parent(table="rbac_roles", column="rbac_role_id"),
    ),
)
