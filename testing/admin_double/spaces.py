"""Workspaces, their API keys, and the identities that spend in them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from admin_double.chance import identifier
from admin_double.names import COLORS, KEYS, WORKSPACES, turn
from admin_double.people import user_id
from admin_double.wire import Record, midnight, stamp

ARCHIVED_AFTER = timedelta(days=2, hours=17)
KEY_STATUSES = ("active", "inactive", "expired", "active", "archived")


@dataclass(frozen=True, kw_only=True)
class Space:
    """A workspace. The default workspace has no id in the reports."""

    index: int
    id: str | None
    name: str
    created: datetime
    archived: datetime | None = None
    members_gone: bool = False

    def archived_by(self, now: datetime) -> bool:
        return self.archived is not None and now >= self.archived


@dataclass(frozen=True, kw_only=True)
class Spender:
    """The identity that a usage row is attributed to, and the product that it uses."""

    api_key_id: str | None = None
    account_id: str | None = None
    service_account_id: str | None = None
    federated_subject: str | None = None
    product: str = "messages_api"


def default_space(first_day: date, index: int) -> Space:
    """The workspace for work outside all others."""
    return Space(
        index=index, id=None, name="Default", created=midnight(first_day) - timedelta(days=400)
    )


def workspaces(seed: int, count: int, first_day: date) -> list[Space]:
    """All workspaces. The last two are archived, and the last has no member list any longer."""
    start = midnight(first_day)
    return [
        Space(
            index=index,
            id=identifier("wrkspc", seed, index),
            name=turn(WORKSPACES, index),
            created=start - timedelta(days=300 - index % 200, seconds=-index),
            archived=start + ARCHIVED_AFTER if count - index <= min(2, count - 2) else None,
            members_gone=count > 2 and index == count - 1,
        )
        for index in range(count)
    ]


def workspace_record(seed: int, space: Space, now: datetime) -> Record:
    """The workspace as listed at a given time."""
    regional = space.index % 3 == 1
    return {
        "id": space.id or default_workspace_id(seed),
        "type": "workspace",
        "name": space.name,
        "created_at": stamp(space.created),
        "archived_at": stamp(space.archived) if space.archived and space.archived_by(now) else None,
        "display_color": COLORS[space.index % len(COLORS)],
        "data_residency": {
            "workspace_geo": "us",
            "default_inference_geo": "us" if regional else "global",
            "allowed_inference_geos": ["us"] if regional else "unrestricted",
        },
        "compartment_id": identifier("cmpt", seed, space.index),
        "external_key_id": identifier("ekey", seed, space.index) if space.index == 1 else None,
        "tags": {"cost center": f"CC-{100 + space.index}", "Équipe": space.name}
        if space.index % 2
        else {},
        "user_profile_id": None,
    }


def key_id(seed: int, space: Space, place: int) -> str:
    """The id of a key, by its position in its workspace."""
    return identifier("apikey", seed, space.index, place)


def default_workspace_id(seed: int) -> str:
    """The id of the default workspace, which only newer endpoints show."""
    return identifier("wrkspc", seed, "default")


def service_account_id(seed: int, space: Space, place: int) -> str:
    """The id of the service account that a key belongs to."""
    return identifier("svac", seed, space.index, place)


def spenders(seed: int, space: Space, keys: int, users: int) -> list[Spender]:
    """The Console's user first, then one spender per key."""
    console = Spender(account_id=user_id(seed, space.index % users), product="claude_console")
    return [console, *(_key_spender(seed, space, place, users) for place in range(keys))]


def _key_spender(seed: int, space: Space, place: int, users: int) -> Spender:
    """Most keys belong to people; some to service accounts, a workload, or to nobody."""
    key = key_id(seed, space, place)
    product = "claude_code" if place % 4 == 2 else "messages_api"
    if place % 4 == 1:
        account = service_account_id(seed, space, place)
        return Spender(api_key_id=key, service_account_id=account)
    if place % 4 == 2 and space.index and space.index % 3 == 0:
        return Spender(api_key_id=key, product=product)
    if place % 4 == 2 and space.index % 3 == 2:
        subject = f"arn:aws:iam::123456789012:role/workload-{space.index}-{place}"
        return Spender(api_key_id=key, federated_subject=subject, product=product)
    user = user_id(seed, (space.index + place) % users)
    return Spender(api_key_id=key, account_id=user, product=product)


def api_keys(seed: int, spaces: list[Space], keys: int, users: int) -> list[Record]:
    """The keys of all workspaces, and one organization key."""
    made = [_key(seed, space, place, users) for space in spaces for place in range(keys)]
    return [*made, _organization_key(seed, spaces[0], users)]


def _key(seed: int, space: Space, place: int, users: int) -> Record:
    serial = space.index * 7 + place
    status = KEY_STATUSES[serial % len(KEY_STATUSES)]
    created = space.created + timedelta(days=1, minutes=place)
    creator = {"id": user_id(seed, serial % users), "type": "user"}
    return {
        "id": key_id(seed, space, place),
        "type": "api_key",
        "name": turn(KEYS, serial),
        "status": status,
        "created_at": stamp(created),
        "created_by": None if serial == 1 else creator,
        "expires_at": stamp(created + timedelta(days=30)) if status == "expired" else None,
        "partial_key_hint": f"sk-ant-api03-{serial:03d}...xYz" if serial % 6 else None,
        "principal": _principal(seed, space, place, users),
        "scope": {
            "type": "workspace",
            "workspace_id": space.id or default_workspace_id(seed),
        },
        "workspace_id": space.id,
    }


def _principal(seed: int, space: Space, place: int, users: int) -> Record | None:
    spender = _key_spender(seed, space, place, users)
    if spender.service_account_id:
        return {"type": "service_account_actor", "service_account_id": spender.service_account_id}
    if spender.account_id is None:
        return None
    by_place = {
        0: {"type": "user_actor", "user_id": spender.account_id},
        2: {"id": spender.account_id, "type": "user"},
    }
    return by_place.get(place % 4)


def _organization_key(seed: int, space: Space, users: int) -> Record:
    return {
        **_key(seed, space, 0, users),
        "id": identifier("apikey", seed, "organization"),
        "name": "cost-reader",
        "status": "active",
        "expires_at": None,
        "principal": None,
        "scope": {"type": "organization"},
        "workspace_id": None,
    }
