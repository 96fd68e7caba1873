"""Claude Code sessions. An actor usually has several records a day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from admin_double import prices
from admin_double.chance import dice
from admin_double.names import TERMINALS, TOOLS
from admin_double.people import email
from admin_double.wire import Record, midnight, stamp

PLANS = ("team", "enterprise", None)
CODING_MODELS = tuple(model.name for model in prices.MODELS)
TOKEN_KINDS = (
    ("input", "uncached_input_tokens", 3_000),
    ("output", "output_tokens", 9_000),
    ("cache_read", "cache_read_input_tokens", 400_000),
    ("cache_creation", "cache_creation.ephemeral_5m_input_tokens", 20_000),
)


class CodingSession(NamedTuple):
    """A record and the time of its session."""

    at: datetime
    record: Record


class Coder(NamedTuple):
    """A user of Claude Code: a person with a plan, or an API key."""

    actor: Record
    plan: str | None = None
    pays_by_token: bool = False


class Team(NamedTuple):
    """All users of Claude Code in an organization."""

    seed: int
    organization_id: str
    coders: Sequence[Coder]


def coders(users: int, key_names: Sequence[str]) -> list[Coder]:
    """Every person, a quarter of whom pay by token, and some keys."""
    people = [
        Coder({"type": "user_actor", "email_address": email(i)}, PLANS[i % len(PLANS)], i % 4 == 3)
        for i in range(users)
    ]
    keys = [{"type": "api_actor", "api_key_name": name} for name in key_names]
    return [*people, *(Coder(actor, pays_by_token=True) for actor in keys)]


def sessions(team: Team, day: date, version: int, count: int) -> list[CodingSession]:
    """A day's records, as reported in this version of the day."""
    chance, drift = dice(team.seed, "coding", day), dice(team.seed, "coding", day, version)
    return [_session(team, day, chance, 0.7 + 0.6 * drift.random()) for _ in range(count)]


def _session(team: Team, day: date, chance: Random, drift: float) -> CodingSession:
    at = midnight(day) + timedelta(minutes=int(min(1439, max(0, chance.gauss(840, 180)))))
    scale = drift * (0.2 + 2 * chance.random())
    record = _who(day, chance.choice(team.coders), team.organization_id)
    record["terminal_type"] = chance.choice(TERMINALS)
    if chance.random() < 0.7:
        record["is_remote"] = chance.random() < 0.2
    record["core_metrics"] = _metrics(chance, scale)
    record["tool_actions"] = _tools(chance, scale)
    models = chance.sample(CODING_MODELS, k=chance.choice((1, 1, 2)))
    record["model_breakdown"] = [_model_use(model, chance, scale) for model in models]
    return CodingSession(at, record)


def _who(day: date, coder: Coder, organization: str) -> Record:
    record: Record = {
        "date": stamp(midnight(day)),
        "actor": coder.actor,
        "organization_id": organization,
        "customer_type": "api" if coder.pays_by_token else "subscription",
    }
    if not coder.pays_by_token:
        record["subscription_type"] = coder.plan
    return record


def _metrics(chance: Random, scale: float) -> Record:
    added = int(240 * scale * chance.random())
    return {
        "num_sessions": 1 + int(3 * scale),
        "lines_of_code": {"added": added, "removed": int(added * 0.4 * chance.random())},
        "commits_by_claude_code": int(2 * scale * chance.random()),
        "pull_requests_by_claude_code": int(scale * chance.random()),
    }


def _tools(chance: Random, scale: float) -> Record:
    used = TOOLS[: chance.randrange(len(TOOLS) + 1)]
    return {
        tool: {"accepted": int(20 * scale * chance.random()), "rejected": int(3 * chance.random())}
        for tool in used
    }


def _model_use(model: str, chance: Random, scale: float) -> Record:
    tokens = {kind: int(usual * scale * chance.random()) for kind, _, usual in TOKEN_KINDS}
    costs = (prices.cost(tokens[kind], prices.price(model, sold)) for kind, sold, _ in TOKEN_KINDS)
    cents = sum(costs, Decimal())
    # The API sends whole cents as integers and others as fractions.
    amount = int(cents) if chance.random() < 0.3 else float(round(cents, 4))
    return {
        "model": model,
        "tokens": tokens,
        "estimated_cost": {"amount": amount, "currency": "USD"},
    }
