"""Sums spend into the results of the bucketed reports."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from admin_double.ledger import LedgerLine
from admin_double.prices import BATCH, LONG, SHORT, STANDARD
from admin_double.request import Limit
from admin_double.spend import Usage
from admin_double.wire import DAY, HOUR, MINUTE, Record

USAGE_DIMENSIONS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "workspace_id",
)
DESCRIBED = (
    "description",
    "cost_type",
    "model",
    "token_type",
    "context_window",
    "service_tier",
    "inference_geo",
)
COST_DIMENSIONS = {"workspace_id": ("workspace_id",), "description": DESCRIBED}


def usage_results(rows: Iterable[Usage], group_by: Sequence[str]) -> list[Record]:
    """Sum tokens by the given dimensions."""
    key_of, groups = _key(group_by), dict[tuple[str | None, ...], list[int]]()
    for used in rows:
        sums = groups.setdefault(key_of(used), [0] * 6)
        for place, amount in enumerate((*used.tokens, used.web_search_requests)):
            sums[place] += amount
    return [
        _usage_result(dict(zip(group_by, key, strict=True)), sums) for key, sums in groups.items()
    ]


def _key(names: Sequence[str]) -> Callable[[Any], tuple[str | None, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda row: tuple(getattr(row, name) for name in names)


def _usage_result(group: Record, sums: Sequence[int]) -> Record:
    uncached, output, read, five_minutes, one_hour, searches = sums
    return {
        "uncached_input_tokens": uncached,
        "cache_creation": {
            "ephemeral_1h_input_tokens": one_hour,
            "ephemeral_5m_input_tokens": five_minutes,
        },
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "server_tool_use": {"web_search_requests": searches},
        **dict.fromkeys(USAGE_DIMENSIONS),
        **group,
    }


def cost_results(lines: Iterable[LedgerLine], group_by: Sequence[str]) -> list[Record]:
    """Sum costs by the given dimensions.

    Grouping by description also separates regions, which the description text does not name.
    """
    names = [name for dimension in group_by for name in COST_DIMENSIONS[dimension]]
    key_of, groups = _key(names), dict[tuple[str | None, ...], Decimal]()
    for line in lines:
        key = key_of(line)
        groups[key] = groups.get(key, Decimal()) + line.cents
    return [
        _cost_result(dict(zip(names, key, strict=True)), cents) for key, cents in groups.items()
    ]


def _cost_result(group: Record, cents: Decimal) -> Record:
    return {
        "amount": f"{cents.normalize():f}",
        "currency": "USD",
        "workspace_id": None,
        **dict.fromkeys(DESCRIBED),
        **group,
    }


def count_costs(lines: Iterable[LedgerLine]) -> int:
    """Count the rows that the usual cost report has for these lines."""
    return len(Counter(map(_key(("workspace_id", *DESCRIBED)), lines)))


@dataclass(frozen=True)
class BucketWidth:
    """A bucket width, and how many buckets fit on a page."""

    length: timedelta
    limit: Limit


DAILY = BucketWidth(DAY, Limit(7, 31))


@dataclass(frozen=True, kw_only=True)
class BucketReport:
    """What is special about a bucketed report.

    `rows` names the organization's method that returns the rows of a day; `results` sums them.
    """

    rows: str
    results: Callable[[Sequence[Any], Sequence[str]], list[Record]]
    dimensions: frozenset[str]
    usual_group_by: tuple[str, ...]
    most_dimensions: int = 5
    widths: Mapping[str, BucketWidth] = field(default_factory=lambda: {"1d": DAILY})
    filters: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beta: Mapping[str, str] = field(default_factory=dict)


USAGE_REPORT = BucketReport(
    rows="usages",
    results=usage_results,
    dimensions=frozenset((*USAGE_DIMENSIONS, "speed")),
    usual_group_by=("model", "workspace_id", "api_key_id", "service_tier", "context_window"),
    widths={
        "1d": DAILY,
        "1h": BucketWidth(HOUR, Limit(24, 168)),
        "1m": BucketWidth(MINUTE, Limit(60, 1440)),
    },
    filters={
        "account_ids[]": "account_id",
        "api_key_ids[]": "api_key_id",
        "service_account_ids[]": "service_account_id",
        "workspace_ids[]": "workspace_id",
        "models[]": "model",
        "context_window[]": "context_window",
        "inference_geos[]": "inference_geo",
        "service_tiers[]": "service_tier",
        "speeds[]": "speed",
    },
    choices={
        "context_window[]": frozenset((SHORT, LONG)),
        "inference_geos[]": frozenset(("global", "not_available", "us")),
        "service_tiers[]": frozenset(
            (STANDARD, BATCH, "flex", "flex_discount", "priority", "priority_on_demand"),
        ),
        "speeds[]": frozenset(("fast", "standard")),
    },
    beta={"speed": "fast-mode-2026-02-01"},
)
COST_REPORT = BucketReport(
    rows="ledger",
    results=cost_results,
    dimensions=frozenset(COST_DIMENSIONS),
    usual_group_by=("workspace_id", "description"),
)
