"""Groups, roles and permissions of a Claude Enterprise organization."""

from datetime import timedelta

from admin_double.chance import identifier
from admin_double.contents import Contents
from admin_double.errors import ApiError
from admin_double.people import GROUPS, email, group_id, group_ids, user_id
from admin_double.wire import Record, midnight, stamp

# Two groups share a name, as the API allows.
GROUP_NAMES = ("Engineering", "Research", 'Ops "EMEA"', "Engineering")
ROLE_NAMES = ("Member", "Builder", "Auditor")


def _dated(contents: Contents, number: int) -> Record:
    created = midnight(contents.organization.first_day) - timedelta(days=60 - number)
    return {"created_at": stamp(created), "updated_at": stamp(created + timedelta(days=number))}


def role_id(seed: int, number: int) -> str:
    """The id of a role."""
    return identifier("rbac_role", seed, number)


def groups(contents: Contents, _: str) -> list[Record]:
    """All groups; their roles can be temporarily unavailable."""
    seed = contents.organization.seed
    return [
        {
            "id": group_id(seed, number),
            "type": "rbac_group",
            "name": GROUP_NAMES[number],
            "role_ids": [role_id(seed, number % len(ROLE_NAMES))] if number else [],
            "source_type": "scim" if number % 2 else "direct",
            **_dated(contents, number),
        }
        for number in range(GROUPS)
    ]


def group_view(contents: Contents, _version: str, group: Record) -> Record:
    """A group whose roles are unavailable has null in their place."""
    return group if contents.switches.role_ids_available else {**group, "role_ids": None}


def members(contents: Contents, group: str) -> list[Record]:
    """The members of a group."""
    organization = contents.organization
    seed = organization.seed
    if group not in {group_id(seed, number) for number in range(GROUPS)}:
        raise ApiError(404, f"Group {group} not found")
    return [
        {
            "type": "rbac_group_member",
            "rbac_group_id": group,
            "user_id": user_id(seed, index),
            "email": email(index),
            "created_at": _dated(contents, index % 50)["created_at"],
        }
        for index in range(organization.users)
        if group in group_ids(seed, index)
    ]


def roles(contents: Contents, _: str) -> list[Record]:
    """All roles."""
    return [
        {
            "id": role_id(contents.organization.seed, number),
            "type": "rbac_role",
            "display_name": name,
            "source": {"type": "custom" if number else "built_in"},
            **_dated(contents, number),
        }
        for number, name in enumerate(ROLE_NAMES)
    ]


def role_view(_: Contents, version: str, role: Record) -> Record:
    """The older version also has the display name as `name`."""
    return role if version != "2023-06-01" else {**role, "name": role["display_name"]}


def permissions(contents: Contents, role: str) -> list[Record]:
    """The permissions of a role; the first role has one, the others have one of every kind."""
    seed = contents.organization.seed
    known = [role_id(seed, number) for number in range(len(ROLE_NAMES))]
    if role not in known:
        raise ApiError(404, f"Role {role} not found")
    connector = identifier("mcpsrv", seed, 0)
    granted: tuple[tuple[str, Record], ...] = (
        ("chat", {"type": "organization", "organization_id": contents.organization.id}),
        ("use", {"type": "connector", "connector_id": connector}),
        (
            "always_allow",
            {"type": "connector_tool", "connector_id": connector, "tool_name": "search"},
        ),
        ("grant", {"type": "connector_scope", "connector_id": connector, "scope": "read"}),
        ("interactive", {"type": "all_connectors"}),
    )
    return [
        {"type": "rbac_role_permission", "action": action, "resource": resource}
        for action, resource in (granted if known.index(role) else granted[:1])
    ]
