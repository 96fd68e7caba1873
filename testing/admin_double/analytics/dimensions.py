"""The dimensions of the analytics: how entries are grouped, filtered and shown."""

from collections.abc import Mapping

from admin_double.analytics.entries import Entry, Identity
from admin_double.contents import Contents
from admin_double.prices import LONG, SHORT
from admin_double.wire import Record

# Dimensions that an entry has as attributes.
ENTRY_DIMENSIONS = (
    "actor",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "product",
    "service_tier",
    "speed",
    "workspace_id",
)
# Dimensions of features that the organization does not use.
UNUSED_DIMENSIONS = (
    "agent_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "deployment_id",
    "environment_id",
    "session_id",
    "slack_channel_id",
    "user_profile_id",
)
DIMENSIONS = (
    *ENTRY_DIMENSIONS,
    *UNUSED_DIMENSIONS,
    "actor_type",
    "organization_id",
    "rbac_group_id",
)
ACTOR_TYPES = frozenset(("api_actor", "federated_actor", "service_account_actor", "user_actor"))
PRODUCTS = frozenset(
    (
        "chat",
        "chat_cowork_unified",
        "claude_code",
        "claude_console",
        "claude_design",
        "claude_in_chrome",
        "claude_tag",
        "cowork",
        "managed_agents_api",
        "message_batches_api",
        "messages_api",
        "office_agent",
    )
)
TIERS = frozenset(("batch", "flex", "flex_discount", "priority", "priority_on_demand", "standard"))
FILTERS = {
    "actor_ids[]": "actor",
    "actor_types[]": "actor_type",
    "api_key_ids[]": "api_key_id",
    "workspace_ids[]": "workspace_id",
    "models[]": "model",
    "products[]": "product",
    "service_tiers[]": "service_tier",
    "context_windows[]": "context_window",
    "inference_geos[]": "inference_geo",
    "speeds[]": "speed",
    "organization_ids[]": "organization_id",
    "rbac_group_ids[]": "rbac_group_id",
    "claude_tag_categories[]": "claude_tag_category",
    **{f"{name}s[]": name for name in UNUSED_DIMENSIONS if name != "claude_tag_category"},
}
CHOICES: Mapping[str, frozenset[str]] = {
    "actor_types[]": ACTOR_TYPES,
    "products[]": PRODUCTS,
    "service_tiers[]": TIERS,
    "context_windows[]": frozenset((SHORT, LONG)),
    "inference_geos[]": frozenset(("global", "not_available", "us")),
    "speeds[]": frozenset(("fast", "standard")),
}


def values(contents: Contents, entry: Entry, name: str) -> tuple[object, ...]:
    """The values of a dimension: one, except that a user can be in several groups."""
    if name in ENTRY_DIMENSIONS:
        return (getattr(entry, name),)
    if name == "actor_type":
        return (entry.actor[0] if entry.actor else None,)
    if name == "organization_id":
        return (contents.organization.id,)
    if name == "rbac_group_id" and entry.actor:
        return contents.organization.group_ids_of(entry.actor[1]) or (None,)
    return (None,)


def labels(contents: Contents, entry: Entry, name: str) -> tuple[object, ...]:
    """The filter values that match an entry."""
    if name == "actor":
        federated = entry.actor is None or entry.actor[0] == "federated_actor"
        return () if federated or entry.actor is None else (entry.actor[1],)
    unset = {"api_key_id": "", "inference_geo": "not_available"}.get(name)
    return tuple(unset if each is None else each for each in values(contents, entry, name))


def shown(contents: Contents, name: str, value: object) -> object:
    """A dimension's value as the API sends it."""
    if name == "actor" and isinstance(value, tuple):
        return _actor(contents, value)
    return value


def is_deleted(contents: Contents, identity: object) -> bool:
    """True for a user that is shown as deleted."""
    if not isinstance(identity, tuple) or identity[0] != "user_actor":
        return False
    switches = contents.switches
    return identity[1] in switches.deleted_users and identity[1] not in switches.hidden_actors


def _actor(contents: Contents, identity: Identity) -> Record | None:
    kind, name = identity
    if name in contents.switches.hidden_actors:
        return None
    if kind == "service_account_actor":
        return {"type": kind, "service_account_id": name}
    if kind == "api_actor":
        return {"type": kind, "api_key_id": name}
    if kind == "federated_actor":
        provider = {"type": "aws", "account_id": name.split(":")[4], "signed_principal": name}
        return {"type": kind, "provider": provider, "subject": name}
    return {"type": kind, "user_id": name, **_person(contents, name)}


def _person(contents: Contents, user_id: str) -> Record:
    """The current name and address of a user."""
    if user_id in contents.switches.deleted_users:
        return {"email_address": None, "name": "Deleted User", "deleted": True}
    user = contents.directory().get(user_id, {})
    return {"email_address": user.get("email"), "name": user.get("name"), "deleted": False}
