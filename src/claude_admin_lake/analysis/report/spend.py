"""The report's sections on spend and API keys, and the cells that the page filters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .charts import Chart
from .html import Table, data, emphasis, shared, sparkline
from .labels import identity
from .series import by_id, labels, stack
from .words import change, model_name, moved, percent, plain_name, short, short_usd, usd, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .html import Cell
    from .numbers import Numbers
    from .questions import Found, Record

_SUMS = ("Spend", "Share", "Last 7 days", "Change")
_MULTIPLES = 12
_MOST_CELLS = 1500
"""Combinations of workspace, model and key that the page can filter one by one."""
_MICRO = 1_000_000
_REST = "smaller keys"


@dataclass(frozen=True)
class Multiple:
    """A small chart of one workspace."""

    name: str
    spend: str
    words: str
    path: Cell


def spend(numbers: Numbers) -> dict[str, Any]:
    """Spend by day, workspace, model and key."""
    workspaces, models = numbers.by_workspace, numbers.by_model
    return {
        "by_model": by_model(numbers),
        "workspaces": _ranking(numbers, "Workspace", "w", workspaces, numbers.workspace_days),
        "models": _ranking(numbers, "Model", "m", models, numbers.model_days),
        "by_key": _keys(numbers),
        "unallocated": _unallocated(numbers),
        "multiples": _multiples(numbers),
        "cells": cells(numbers),
    }


def by_model(numbers: Numbers) -> Chart:
    """Spend by day and model."""
    period, total, found = numbers.period, numbers.spend.one["cost"], numbers.model_days
    return Chart(
        name="spend",
        title=f"Spend by {'week' if period.by_week else 'day'} and model, US dollars",
        summary=f"{usd(total)} in {len(period.days)} days, "
        f"{usd(total / len(period.days))} a day on average.",
        series=stack(period, found.records),
        show=short_usd,
        exact=usd,
        found=[found],
        **labels(period),
    )


def _ranking(numbers: Numbers, what: str, picks: str, found: Found, days: Found) -> Table:
    total, trend = numbers.spend.one["cost"], by_id(numbers.period, days.records)
    heads = [what, "Trend", *_SUMS]
    rows: list[list[Cell]] = [
        [
            one["label"] if picks == "w" else model_name(one["label"]),
            sparkline(trend.get(identity(one), [])),
            *_sums(f"{what.lower()}:{one['label']}", one, total),
        ]
        for one in found.records
    ]
    caption = f"Spend by {what.lower()}, US dollars"
    return Table(
        picks, caption, heads, rows, words=2, found=[found, days], picks=picks, source="cost_daily"
    )


def _sums(key: str, one: Record, total: Any) -> list[Cell]:
    return [
        data(key, one["cost"], usd(one["cost"])),
        shared(float(one["cost"] / total) if total else None),
        usd(one["week"]),
        change(one["week"], one["before"]),
    ]


def organizations(numbers: Numbers) -> Table:
    """A row for each organization; none if there is only one."""
    found, total = numbers.by_organization, numbers.spend.one["cost"]
    sums = {one["id"]: one for one in found.records}
    nothing = {"cost": Decimal(0), "week": Decimal(0), "before": None}
    names = [*sums, *(name for name in numbers.organizations if name not in sums)]
    rows: list[list[Cell]] = [
        [
            name,
            numbers.organizations[name] or "–",
            *_sums(f"organization:{name}", sums.get(name, nothing), total),
            *_used(numbers, name),
        ]
        for name in names
        if numbers.several
    ]
    heads = ["Organization", "Name", *_SUMS, "Input tokens", "Claude Code users"]
    return Table("organizations", "Each organization", heads, rows, words=2, found=[found])


def _used(numbers: Numbers, name: str) -> list[Cell]:
    tokens = numbers.tokens_by_organization.get(name, 0)
    people = numbers.people_by_organization.get(name, 0)
    return [
        data(f"organization:{name}:tokens", tokens, short(tokens)),
        data(f"organization:{name}:people", people, whole(people)),
    ]


def _multiples(numbers: Numbers) -> list[Multiple]:
    """Small charts of the workspaces whose last week differs most from the week before."""
    trend = by_id(numbers.period, numbers.workspace_days.records)
    found = numbers.by_workspace
    most = sorted(found.records, key=lambda one: (-_moved(one), one["label"]))[:_MULTIPLES]
    return [
        Multiple(
            one["label"], usd(one["week"]), _words(one), sparkline(trend.get(identity(one), []))
        )
        for one in most
    ]


def _moved(one: Record) -> float:
    return abs(float(one["week"]) - float(one["before"] or 0))


def _words(one: Record) -> str:
    if one["before"] is None:
        return change(one["week"], None)
    return f"{moved(one['week'] - one['before'])} ({change(one['week'], one['before'])})"


def _keys(numbers: Numbers) -> Table:
    total, found = numbers.spend.one["cost"], numbers.keys
    heads = ["API key", "Workspace", "Created by", "Spend", "Share", "Of which direct"]
    rows = [_key(numbers, one, total) for one in found.records]
    return Table(
        "k", "Spend by API key, US dollars", heads, rows, words=3, found=[found], picks="k",
        source="cost_by_api_key",
    )  # fmt: skip


def _key(numbers: Numbers, one: Record, total: Any) -> list[Cell]:
    share = float(one["cost"] / total) if total else None
    has_key = one["id"] is not None
    place = f"{one['organization']}:" if numbers.several and has_key else ""
    return [
        one["label"] if has_key else emphasis("Not attributed to a key"),
        (one["workspace"] or "–") if has_key else "–",
        one["creator"] or "–",
        data(f"key:{place}{one['id'] or 'unallocated'}", one["cost"], usd(one["cost"])),
        shared(share),
        percent(float(one["direct"] / one["cost"])) if one["cost"] and has_key else "–",
    ]


def _unallocated(numbers: Numbers) -> Table:
    found = numbers.unallocated
    rows = [
        [
            plain_name(one["reason"] or "unknown"),
            data(f"none:{one['reason']}", one["cost"], usd(one["cost"])),
        ]
        for one in found.records
    ]
    caption = "Spend not attributed to a key, US dollars"
    return Table("unallocated", caption, ["Reason", "Spend"], rows, found=[found])


def cells(numbers: Numbers) -> dict[str, Any]:
    """Return daily cost by workspace, model and key in millionths of a dollar.

    A workspace, model or key is given by its row number in its table (-1: several keys). The
    smallest combinations are added up without their key, so that the page stays small.
    """
    place = {day: at for at, day in enumerate(numbers.period.days)}
    ranked_by = (numbers.by_workspace, numbers.by_model, numbers.keys)
    rows = [_places(found.records) for found in ranked_by]
    sums: defaultdict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
    for one in numbers.cells.records:
        where = tuple(places[of] for places, of in zip(rows, _of(one), strict=True))
        sums[where][place[one["day"]]] = int(one["value"] * _MICRO)
    ranked = sorted(sums, key=lambda where: (-sum(sums[where].values()), where))
    kept = {where: sums[where] for where in ranked[:_MOST_CELLS]}
    for where in ranked[_MOST_CELLS:]:
        rest = kept.setdefault((*where[:2], -1), {})
        for at, value in sums[where].items():
            rest[at] = rest.get(at, 0) + value
    period = numbers.period
    return {
        "start": str(period.start),
        "days": len(place),
        "bar": 7 if period.by_week else 1,
        "lead": period.start.weekday() if period.by_week else 0,
        "rest": _REST,
        "series": _compact(kept, len(place)),
    }


def _places(records: Sequence[Record]) -> dict[Any, int]:
    return {identity(one): at for at, one in enumerate(records)}


def _of(cell: Record) -> tuple[tuple[Any, Any], ...]:
    """Return the identities of a cell's workspace, model and key."""
    organization, key = cell["organization"], cell["api_key_id"]
    return (
        (organization, cell["workspace_id"]),
        (None, cell["model"]),
        (organization if key is not None else None, key),
    )


def _compact(sums: dict[tuple[Any, ...], dict[int, int]], days: int) -> list[list[Any]]:
    """Write each series as its places, its first day and its values from this day on."""
    found = []
    for where, values in sums.items():
        first, last = min(values, default=0), max(values, default=days - 1)
        found.append([*where, first, [values.get(at, 0) for at in range(first, last + 1)]])
    return found
