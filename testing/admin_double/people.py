"""Users, invites and workspace members."""

import unicodedata
from datetime import date, datetime, timedelta

from admin_double.chance import dice, identifier
from admin_double.names import PEOPLE, turn
from admin_double.wire import Record, midnight, stamp

RARE_ROLES = ("primary_owner", "owner", "admin", "billing", "membership_admin", "managed")
COMMON_ROLES = ("developer", "developer", "claude_code_user", "user")
WORKSPACE_ROLES = (
    "workspace_admin",
    "workspace_developer",
    "workspace_user",
    "workspace_restricted_developer",
    "workspace_billing",
)
GROUPS = 4
INVITE_EVERY = timedelta(days=5)
INVITES_START_BEFORE = timedelta(days=300)
INVITE_LASTS = timedelta(days=21)
INVITE_FATES = ("accepted", "accepted", "deleted", "expired")


def user_id(seed: int, index: int) -> str:
    """The id of the user at an index."""
    return identifier("user", seed, index)


def email(index: int) -> str:
    """The ASCII address of the user at an index."""
    plain = unicodedata.normalize("NFKD", turn(PEOPLE, index)).encode("ascii", "ignore").decode()
    local = ".".join("".join(c if c.isalpha() else " " for c in plain).lower().split()) or "user"
    return f"{local}.{index}@example.com"


def users(seed: int, count: int, first_day: date) -> list[Record]:
    """All users, newest first. Everyone joined before the first day."""
    return [
        _user(seed, index, first_day - timedelta(days=1 + count - index))
        for index in reversed(range(count))
    ]


def _user(seed: int, index: int, added: date) -> Record:
    rare = index < len(RARE_ROLES)
    return {
        "id": user_id(seed, index),
        "type": "user",
        "email": email(index),
        "name": turn(PEOPLE, index),
        "role": RARE_ROLES[index] if rare else COMMON_ROLES[index % len(COMMON_ROLES)],
        "added_at": stamp(midnight(added) + timedelta(seconds=index * 61 % 86_400)),
    }


def group_id(seed: int, number: int) -> str:
    """The id of a group."""
    return identifier("rbac_group", seed, number)


def group_ids(seed: int, user: int) -> tuple[str, ...]:
    """The groups that the user at an index is a member of."""
    return tuple(group_id(seed, group) for group in range(GROUPS) if user % (group + 2) == 0)


def invites(seed: int, first_day: date, now: datetime) -> list[Record]:
    """All invites, newest first. The status depends on the age of the invite."""
    start = midnight(first_day) - INVITES_START_BEFORE
    sent = range(max(0, (now - start) // INVITE_EVERY + 1))
    return [_invite(seed, index, start + index * INVITE_EVERY, now) for index in reversed(sent)]


def _invite(seed: int, index: int, invited: datetime, now: datetime) -> Record:
    answered = invited + timedelta(days=5, seconds=index)
    status = _invite_status(INVITE_FATES[index % len(INVITE_FATES)], now - invited)
    return {
        "id": identifier("invite", seed, index),
        "type": "invite",
        "email": f"invitee.{index}@example.com",
        "role": COMMON_ROLES[index % len(COMMON_ROLES)],
        "status": status,
        "invited_at": stamp(invited),
        "expires_at": stamp(invited + INVITE_LASTS),
        "accepted_at": stamp(answered) if status == "accepted" else None,
        "rbac_group_ids": [group_id(seed, group) for group in range(index % 3)],
    }


def _invite_status(fate: str, since: timedelta) -> str:
    if since < timedelta(days=6):
        return "pending"
    return "pending" if fate == "expired" and since < INVITE_LASTS else fate


def members(seed: int, workspace_id: str, users: int) -> list[Record]:
    """A sample of the users, in all roles."""
    chance = dice(seed, "members", workspace_id)
    chosen = chance.sample(range(users), k=min(users, chance.randint(5, 30)))
    return [
        {
            "type": "workspace_member",
            "user_id": user_id(seed, user),
            "workspace_id": workspace_id,
            "workspace_role": WORKSPACE_ROLES[place % len(WORKSPACE_ROLES)],
        }
        for place, user in enumerate(chosen)
    ]
