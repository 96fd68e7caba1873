"""The two measures of the analytics, usage and cost: how entries are summed and shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from admin_double.analytics.dimensions import DIMENSIONS
from admin_double.analytics.entries import Entry, cost_entries, usage_entries
from admin_double.contents import Contents
from admin_double.prices import TOKEN_TYPES
from admin_double.wire import Record

COST_TYPES = ("tokens", "web_search", "code_execution", "session_usage")
FANNED_OUT = ("cost_type", "token_type")
Row = tuple[Record, Record]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What one of the two endpoints reports.

    `metrics` sums entries to the values that rows can be ordered by; `rows` sums them to rows of
    additional group values and measured values.
    """

    name: str
    entries: Callable[[Contents, date], Iterable[Entry]]
    metrics: Callable[[Sequence[Entry]], dict[str, Any]]
    rows: Callable[[Contents, Sequence[Entry], Sequence[str]], list[Row]]
    dimensions: tuple[str, ...] = DIMENSIONS
    usual_metric: str = "total_tokens"


def _usage_metrics(entries: Sequence[Entry]) -> dict[str, int]:
    totals = [sum(kind) for kind in zip(*(entry.tokens for entry in entries), strict=True)]
    return {
        "total_tokens": sum(totals),
        "output_tokens": totals[1],
        "uncached_input_tokens": totals[0],
        "requests": sum(entry.requests for entry in entries),
    }


def _usage_rows(_: Contents, entries: Sequence[Entry], _fan_out: Sequence[str]) -> list[Row]:
    totals = [sum(kind) for kind in zip(*(entry.tokens for entry in entries), strict=True)]
    uncached, output, read, five_minutes, one_hour = totals
    searches = sum(entry.web_searches for entry in entries)
    usage = {
        "uncached_input_tokens": uncached,
        "cache_creation": {
            "ephemeral_1h_input_tokens": one_hour,
            "ephemeral_5m_input_tokens": five_minutes,
        },
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "total_tokens": sum(totals),
        "requests": sum(entry.requests for entry in entries),
        "server_tool_use": {"web_search_requests": searches},
    }
    return [({}, usage)]


def _cost_metrics(entries: Sequence[Entry]) -> dict[str, Decimal]:
    total = sum((entry.cents for entry in entries), Decimal())
    return {"amount": total, "list_amount": total}


def _cost_rows(contents: Contents, entries: Sequence[Entry], fan_out: Sequence[str]) -> list[Row]:
    """One row, or one for each cost type and token type that is grouped by.

    Grouped by token type alone, only token costs are shown.
    """
    groups: dict[tuple[str | None, str | None], list[Entry]] = {}
    for entry in entries:
        if "cost_type" in fan_out or not fan_out or entry.cost_type == "tokens":
            token_type = entry.token_type if "token_type" in fan_out else None
            key = (entry.cost_type if fan_out else None, token_type)
            groups.setdefault(key, []).append(entry)
    return [
        ({"cost_type": kind, "token_type": token}, _cost(contents, groups[kind, token], fan_out))
        for kind, token in sorted(groups, key=_fan_out_order)
    ]


def _fan_out_order(key: tuple[str | None, str | None]) -> tuple[int, int]:
    kind, token = key
    return (COST_TYPES.index(kind) if kind else 0, TOKEN_TYPES.index(token) if token else 0)


def _cost(contents: Contents, entries: Sequence[Entry], fan_out: Sequence[str]) -> Record:
    listed = sum((entry.cents for entry in entries), Decimal())
    return {
        "amount": _decimal(listed * (1 - contents.switches.discount)),
        "list_amount": _decimal(listed),
        "currency": "USD",
        "requests": None if fan_out else sum(entry.requests for entry in entries),
    }


def _decimal(cents: Decimal) -> str:
    return f"{cents.normalize():f}"


USAGE = Measure(name="usage", entries=usage_entries, metrics=_usage_metrics, rows=_usage_rows)
COST = Measure(
    name="cost",
    entries=cost_entries,
    metrics=_cost_metrics,
    rows=_cost_rows,
    dimensions=(*DIMENSIONS, *FANNED_OUT),
    usual_metric="amount",
)
