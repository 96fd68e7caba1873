"""The activity feed: what people, keys and systems did."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any

from admin_double.chance import dice, identifier
from admin_double.contents import Contents
from admin_double.people import email, user_id
from admin_double.rhythm import activity
from admin_double.wire import DAY, Record, midnight

OWN_READ = "compliance_api_accessed"
EVENTS_A_USER = 0.8
# The fields of each type, beside those that all types have.
FIELDS: Mapping[str, Mapping[str, object]] = {
    "claude_chat_created": {"claude_chat_id": "chat_01", "claude_project_id": None},
    "claude_file_uploaded": {"claude_file_id": "file_01", "filename": "plan\nB.txt", "bytes": 1234},
    "org_compliance_api_settings_updated": {
        "compliance_api_enabled": True,
        "compliance_api_logging_enabled": False,
    },
    "platform_api_key_created": {"api_key_id": "apikey_01"},
    "platform_workspace_created": {"workspace_id": "wrkspc_01"},
    "platform_workspace_updated": {"workspace_id": "wrkspc_01", "updates": {"name": ["a", "é"]}},
    "role_assignment_granted": {
        "target_id": "user_01",
        "target_type": "user",
        "role": "admin",
        "resource_type": "organization",
        "resource_id": None,
    },
    "sso_login_succeeded": {},
}
TYPES = frozenset((*FIELDS, OWN_READ))
ADDRESS = "203.0.113.7"
BROWSER = "Mozilla/5.0"


def created(moment: datetime) -> str:
    """Format a moment with microseconds, as the feed does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def events(contents: Contents, day: date) -> list[Record]:
    """The events of a day, newest first."""
    organization = contents.organization
    if day < organization.first_day:
        return []
    count = organization.activities_per_day
    if count is None:
        count = ceil(organization.users * EVENTS_A_USER * activity(organization.first_day, day))
    chance = dice(organization.seed, "activities", day)
    made = [_event(contents, day, number, chance) for number in range(count)]
    return sorted(made, key=newest_first, reverse=True)


def newest_first(event: Mapping[str, Any]) -> tuple[str, str]:
    """Sorts events by time; ties are broken by id."""
    return str(event.get("created_at")), str(event.get("id"))


def _event(contents: Contents, day: date, number: int, chance: Random) -> Record:
    organization = contents.organization
    kind = chance.choice(sorted(FIELDS))
    at = midnight(day) + DAY * chance.random()
    if number == 1:
        at = midnight(day)
    return {
        "id": identifier("activity", organization.seed, day, number),
        "created_at": created(at),
        "organization_id": identifier("org", organization.seed) if number % 5 else None,
        "organization_uuid": organization.id if number % 5 else None,
        "type": kind,
        "actor": _actor(contents, chance),
        **FIELDS[kind],
    }


def _actor(contents: Contents, chance: Random) -> Record:
    organization = contents.organization
    seed, index = organization.seed, chance.randrange(organization.users)
    seen = {"ip_address": ADDRESS, "user_agent": BROWSER}
    user = {"type": "user_actor", "user_id": user_id(seed, index), "email_address": email(index)}
    others: tuple[Record, ...] = (
        {"type": "api_actor", "api_key_id": identifier("apikey", seed, 0, 0), **seen},
        {"type": "admin_api_key_actor", "admin_api_key_id": admin_key_id(seed), **seen},
        {"type": "unauthenticated_user_actor", "unauthenticated_email_address": email(0), **seen},
        {"type": "anthropic_actor", "email_address": None},
        {"type": "scim_directory_sync_actor", "workos_event_id": "event_1", "directory_id": "d_1"},
    )
    return {**user, **seen} if chance.random() < 0.7 else chance.choice(others)


def admin_key_id(seed: int) -> str:
    """The id of the Admin key that reads the feed."""
    return identifier("admin_api_key", seed)


def own_read(contents: Contents, number: int, request_id: str, user_agent: str) -> Record:
    """The event that a read of the feed writes."""
    seed = contents.organization.seed
    return {
        "id": identifier("activity", seed, OWN_READ, number, request_id),
        "created_at": created(contents.now() + timedelta(microseconds=number)),
        "organization_id": None,
        "organization_uuid": None,
        "type": OWN_READ,
        "actor": {
            "type": "admin_api_key_actor",
            "admin_api_key_id": admin_key_id(seed),
            "ip_address": "127.0.0.1",
            "user_agent": user_agent,
        },
        "request_id": request_id,
        "request_method": "GET",
        "status_code": 200,
    }
