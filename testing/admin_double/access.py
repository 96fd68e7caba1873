"""Service accounts, rate limits, spend limits and encryption keys."""

from datetime import timedelta

from admin_double.chance import identifier
from admin_double.contents import Contents
from admin_double.errors import ApiError
from admin_double.people import group_id, user_id
from admin_double.prices import MODELS
from admin_double.spaces import Space
from admin_double.wire import Record, midnight, stamp

OTHER_GROUPS = ("batch", "files", "skills", "token_count", "web_search")
MODEL_LIMITS = (
    ("requests_per_minute", 4_000),
    ("input_tokens_per_minute", 2_000_000),
    ("output_tokens_per_minute", 400_000),
)
ARCHIVED_EVERY = 5


def service_accounts(contents: Contents, _: str) -> list[Record]:
    """All service accounts, newest first; every fifth is archived."""
    owners = contents.organization.service_accounts
    return [
        _service_account(contents, number, space, account)
        for number, (space, account) in reversed(list(enumerate(owners)))
    ]


def _service_account(contents: Contents, number: int, space: Space, account: str) -> Record:
    organization = contents.organization
    created = midnight(organization.first_day) - timedelta(days=90 - number % 60)
    archived = number % ARCHIVED_EVERY == ARCHIVED_EVERY - 1
    creator = user_id(organization.seed, number % organization.users)
    return {
        "id": account,
        "type": "service_account",
        "name": f"workload-{number}",
        "description": None if number % 3 == 0 else f'Runs in "{space.name}"',
        "organization_role": "admin" if number == 0 else "developer",
        "created_at": stamp(created),
        "updated_at": stamp(created + timedelta(days=1)),
        "archived_at": stamp(created + timedelta(days=30)) if archived else None,
        "created_by_actor_id": creator,
        "updated_by_actor_id": None,
        "archived_by_actor_id": creator if archived else None,
    }


def rate_limits(contents: Contents, _: str) -> list[Record]:
    """The organization's rate limits, by group."""
    seed = contents.organization.seed
    return [
        *(_model_limit(seed, number) for number in range(len(MODELS))),
        *(_other_limit(seed, kind) for kind in OTHER_GROUPS),
    ]


def _model_limit(seed: int, number: int) -> Record:
    model = MODELS[number]
    name = identifier("model_group", seed, number)
    return {
        "id": identifier("rlim", seed, number),
        "type": "rate_limit",
        "group": {"id": name, "type": "model_group", "display_name": model.title},
        "models": [model.name],
        "limits": [{"type": kind, "value": value} for kind, value in MODEL_LIMITS],
    }


def _other_limit(seed: int, kind: str) -> Record:
    return {
        "id": identifier("rlim", seed, kind),
        "type": "rate_limit",
        "group": {"id": kind, "type": kind},
        "models": None,
        "limits": [{"type": "requests_per_minute", "value": 1_000}],
    }


def rate_limit_view(contents: Contents, version: str, limit: Record) -> Record:
    """The older version repeats the type of the group; the oldest responses had little else."""
    older = {**limit, "group_type": limit["group"]["type"]}
    if contents.switches.oldest_rate_limits:
        return {name: older[name] for name in ("group_type", "models", "limits")}
    return older if version == "2023-06-01" else limit


def workspace_rate_limits(contents: Contents, workspace_id: str) -> list[Record]:
    """A workspace's own rate limits, and those that it inherits."""
    space = contents.organization.space(workspace_id)
    if space is None:
        raise ApiError(404, f"Workspace {workspace_id} not found")
    return [
        _workspace_limit(workspace_id, limit, own=(number + space.index) % 4 == 0)
        for number, limit in enumerate(rate_limits(contents, ""))
    ]


def _workspace_limit(workspace_id: str, limit: Record, *, own: bool) -> Record:
    source = {"type": "workspace" if own else "organization"}
    values = [
        {
            "type": each["type"],
            "value": each["value"] // 2 if own else each["value"],
            "org_limit": each["value"],
            "source": source,
        }
        for each in limit["limits"]
    ]
    return {
        "type": "workspace_rate_limit",
        "rate_limit_id": limit["id"],
        "workspace_id": workspace_id,
        "group": limit["group"],
        "models": limit["models"],
        "limits": values,
    }


def spend_limits(contents: Contents, _: str) -> list[Record]:
    """A spend limit of every scope."""
    organization = contents.organization
    scopes: tuple[Record, ...] = (
        {"type": "organization"},
        {"type": "organization_service", "service": "api"},
        {"type": "rbac_group", "rbac_group_id": group_id(organization.seed, 0)},
        {"type": "seat_tier", "seat_tier": "standard"},
        {"type": "usage_tier"},
        {"type": "user", "user_id": user_id(organization.seed, 0)},
        {"type": "workspace", "workspace_id": organization.all_spaces[0].id},
    )
    created = midnight(organization.first_day) - timedelta(days=10)
    return [
        {
            "id": identifier("spl", organization.seed, number),
            "type": "spend_limit",
            "amount": None if scope["type"] == "usage_tier" else str(50_000 * (number + 1)),
            "currency": "USD",
            "is_enabled": number % 3 != 1,
            "period": ("monthly", "weekly", "daily")[number % 3],
            "scope": scope,
            "created_at": stamp(created + timedelta(hours=number)),
            "updated_at": stamp(created + timedelta(days=number)),
        }
        for number, scope in enumerate(scopes)
    ]


def external_keys(contents: Contents, _: str) -> list[Record]:
    """An encryption key of every provider."""
    organization = contents.organization
    arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    vault = "https://example.vault.azure.net"
    tenant = "9f2c1a3e-5b6d-4c7f-8a90-123456789abc"
    configs: tuple[Record, ...] = (
        {"type": "aws", "kms_arn": arn, "region": "us-east-1"},
        {"type": "gcp", "key_name": "projects/example/locations/us/keyRings/r/cryptoKeys/k"},
        {"type": "azure", "key_name": "lake", "tenant_id": tenant, "vault_uri": vault},
    )
    created = midnight(organization.first_day) - timedelta(days=20)
    return [
        {
            "id": identifier("ekey", organization.seed, number + 1),
            "type": "external_key",
            "display_name": None if number else 'Key "one"',
            "geo": "us",
            "provider_config": config,
            "attachment": {"type": "unattached" if number else "attached"},
            "user_profile_id": None,
            "created_at": stamp(created),
            "updated_at": stamp(created),
        }
        for number, config in enumerate(configs)
    ]
