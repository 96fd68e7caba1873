"""Spend as entries: amounts with every attribute that the analytics can group and filter by."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from admin_double.contents import Contents
from admin_double.ledger import LedgerLine
from admin_double.prices import TOKEN_TYPES
from admin_double.rhythm import report_version
from admin_double.spend import Usage

Identity = tuple[str, str]


class Entry(NamedTuple):
    """Tokens or cents, and what they were spent on."""

    at: datetime
    workspace_id: str
    actor: Identity | None
    api_key_id: str | None
    product: str | None
    model: str | None
    service_tier: str | None
    context_window: str | None
    inference_geo: str | None
    speed: str | None
    requests: int
    tokens: tuple[int, ...] = (0, 0, 0, 0, 0)
    web_searches: int = 0
    cost_type: str | None = None
    token_type: str | None = None
    cents: Decimal = Decimal(0)


def identity(used: Usage) -> Identity | None:
    """Whom usage is attributed to: user, else service account, else workload, else key."""
    candidates = (
        ("user_actor", used.account_id),
        ("service_account_actor", used.service_account_id),
        ("federated_actor", used.federated_subject),
        ("api_actor", used.api_key_id),
    )
    return next(((kind, name) for kind, name in candidates if name), None)


def usage_entry(contents: Contents, used: Usage) -> Entry:
    """The entry of a usage row."""
    return Entry(
        at=used.at,
        workspace_id=used.workspace_id or contents.organization.default_workspace_id,
        actor=identity(used),
        api_key_id=used.api_key_id,
        product=used.product,
        model=used.model,
        service_tier=used.service_tier,
        context_window=used.context_window,
        inference_geo=_geo(used.inference_geo),
        speed=used.speed,
        requests=used.requests,
        tokens=used.tokens,
        web_searches=used.web_search_requests,
    )


def line_entry(contents: Contents, line: LedgerLine) -> Entry:
    """The entry of a line of spend; the requests count with the first token type."""
    used = line.used
    counts = used is not None and line.token_type == TOKEN_TYPES[0]
    return Entry(
        at=line.at,
        workspace_id=line.workspace_id or contents.organization.default_workspace_id,
        actor=identity(used) if used else None,
        api_key_id=line.api_key_id,
        product=_product(line),
        model=line.model,
        service_tier=line.service_tier,
        context_window=line.context_window,
        inference_geo=_geo(line.inference_geo),
        speed=used.speed if used and line.model else None,
        requests=used.requests if used and counts else line.spans,
        cost_type=line.cost_type,
        token_type=line.token_type,
        cents=line.cents,
    )


def _geo(name: str | None) -> str | None:
    return None if name == "not_available" else name


def _product(line: LedgerLine) -> str | None:
    if line.used is not None:
        return line.used.product
    return "managed_agents_api" if line.cost_type == "session_usage" else None


def usage_entries(contents: Contents, day: date) -> Iterable[Entry]:
    """The usage of a day, with code execution as entries without tokens if it is reported."""
    age = contents.age(day)
    for used in contents.rows("usages", day, age):
        yield usage_entry(contents, used)
    if contents.switches.code_execution_in_usage:
        for line in contents.rows("ledger", day, age):
            if line.cost_type == "code_execution":
                yield line_entry(contents, line)


def cost_entries(contents: Contents, day: date) -> Iterable[Entry]:
    """The cost of a day."""
    for line in contents.rows("ledger", day, contents.age(day)):
        yield line_entry(contents, line)


def version(contents: Contents, day: date) -> tuple[int, int]:
    """Changes whenever the entries of a day may have changed."""
    seed = contents.organization.seed
    return report_version(seed, day, contents.age(day)), contents.movements.revision
