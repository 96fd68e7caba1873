"""Workload identity federation: issuers, and the rules that let their tokens in."""

from datetime import datetime, timedelta

from admin_double.chance import identifier
from admin_double.contents import Contents
from admin_double.people import user_id
from admin_double.wire import Record, midnight, stamp

ISSUERS: tuple[tuple[str, str, Record], ...] = (
    ("aws", "https://11111111-2222.tokens.sts.global.api.aws", {"type": "discovery"}),
    (
        "github",
        "https://token.actions.githubusercontent.com",
        {"type": "explicit_url", "url": "https://token.actions.githubusercontent.com/jwks"},
    ),
    ("on-premises", "https://id.example.com", {"type": "inline", "keys": [{"kty": "RSA"}]}),
)
ROLE = "arn:aws:sts::123456789012:assumed-role/lake"
AUDIENCE = "https://api.anthropic.com"
# The second rule matches every token of its issuer.
RULES: tuple[tuple[str, int, Record, str], ...] = (
    ("loader", 0, {"audience": AUDIENCE, "subject_prefix": ROLE}, "org:admin"),
    ("builds", 1, {}, "workspace:developer"),
    ("nightly", 1, {"claims": {"repository": "example/evals"}}, "workspace:developer"),
    ("legacy", 2, {"condition": 'claims.env == "prod"'}, "workspace:developer"),
)


def _audited(contents: Contents, number: int, *, archived: bool) -> Record:
    organization = contents.organization
    created: datetime = midnight(organization.first_day) - timedelta(days=30 - number)
    actor = user_id(organization.seed, 0)
    return {
        "created_at": stamp(created),
        "updated_at": stamp(created + timedelta(days=1)),
        "archived_at": stamp(created + timedelta(days=2)) if archived else None,
        "created_by_actor_id": actor,
        "updated_by_actor_id": None,
        "archived_by_actor_id": actor if archived else None,
    }


def issuers(contents: Contents, _: str) -> list[Record]:
    """All issuers; the last one is archived."""
    seed = contents.organization.seed
    return [
        {
            "id": identifier("fdis", seed, number),
            "type": "federation_issuer",
            "name": name,
            "issuer_url": url,
            "jwks": jwks,
            "check_jti": number == 0,
            "max_jwt_lifetime_seconds": 3600,
            "jwks_polling_disabled_at": None,
            "poll_status": None if jwks["type"] == "inline" else _poll_status(contents),
            **_audited(contents, number, archived=number == len(ISSUERS) - 1),
        }
        for number, (name, url, jwks) in enumerate(ISSUERS)
    ]


def _poll_status(contents: Contents) -> Record:
    fetched = midnight(contents.organization.first_day)
    return {
        "consecutive_failures": 0,
        "last_fetched_at": stamp(fetched),
        "next_poll_at": stamp(fetched + timedelta(hours=1)),
    }


def rules(contents: Contents, _: str) -> list[Record]:
    """All rules; the last one is archived."""
    return [_rule(contents, number) for number in range(len(RULES))]


def _rule(contents: Contents, number: int) -> Record:
    organization = contents.organization
    seed, (name, issuer, match, scope) = organization.seed, RULES[number]
    accounts = organization.service_accounts
    _, account = accounts[number % len(accounts)]
    everywhere = scope == "org:admin"
    workspaces = [] if everywhere else [organization.all_spaces[0].id]
    nothing = {"audience": None, "claims": None, "condition": None, "subject_prefix": None}
    return {
        "id": identifier("fdrl", seed, number),
        "type": "federation_rule",
        "name": name,
        "description": None if number else "Loads the lake",
        "issuer_id": identifier("fdis", seed, issuer),
        "issuer_name": ISSUERS[issuer][0],
        "match": nothing | match,
        "oauth_scope": scope,
        "target": {"type": "service_account", "service_account_id": account},
        "token_lifetime_seconds": 600,
        "applies_to_all_workspaces": everywhere,
        "workspace_ids": workspaces,
        **_audited(contents, number, archived=number == len(RULES) - 1),
    }
