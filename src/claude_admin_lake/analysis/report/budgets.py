"""The report's forecast of the month, and the budgets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .html import Table, Tile, data, shared
from .words import day_label, percent, usd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from claude_admin_lake.analysis.engine import Engine

    from .html import Cell
    from .numbers import Numbers
    from .questions import Record

_KINDS = {"organization": "Organization", "workspace": "Workspace", "api_key": "API key",
          "person": "Person", "model": "Model"}  # fmt: skip
_FORECAST = ("Forecast", "At least", "At most")
_DAYS = timedelta(days=90)
"""As far back as budget_status looks, at most."""


def bound_people(engine: Engine, today: date) -> None:
    """Read no costs of people, which are the largest table, unless a person has a budget."""
    ((people,),) = engine.query("SELECT count(*) FROM budgets WHERE scope = 'person'").rows
    engine.bound("cost_by_person", today - _DAYS if people else today + timedelta(days=1))


def forecast(numbers: Numbers) -> Iterator[Tile]:
    """The month's forecast: of the organization, or the sum of several."""
    rows = [one for one in numbers.outlooks.records if one["scope"] == "organization"]
    if not rows:
        return
    known = [one["forecast_usd"] for one in rows if one["forecast_usd"] is not None]
    total = sum(known, Decimal(0)) if len(known) == len(rows) else None
    note = _note(rows[0]) if len(rows) == 1 else f"sum of {len(rows)} organizations"
    yield Tile(f"Forecast for {rows[0]['month']:%B}", data("forecast", total, usd(total)), note)


def budgets(numbers: Numbers) -> Table:
    """Everything that has a budget, what has used most of it first."""
    rows = [_row(numbers, one) for one in with_budget(numbers)]
    heads = ("Budget of", "Kind", "Status", "Used", "Month to date", "Budget", *_FORECAST)
    days = [one["through_day"] for one in numbers.outlooks.records if one["through_day"]]
    until = f", costs through {day_label(max(days))}" if days else ""
    caption = f"Forecast against budget, US dollars{until}"
    return Table("budgets", caption, heads, rows, 3, [numbers.outlooks], source="budget_status")


def with_budget(numbers: Numbers) -> Sequence[Record]:
    """Return what has a budget."""
    return [one for one in numbers.outlooks.records if one["budget_usd"] is not None]


def _note(one: Record) -> str:
    if one["reason"] and one["forecast_usd"] is None:
        return f"none: {one['reason']}"
    low, high = one["forecast_low_usd"], one["forecast_high_usd"]
    said = [] if low is None or not one["days_left"] else [f"between {usd(low)} and {usd(high)}"]
    if budget := one["budget_usd"]:
        share = percent(float(one["forecast_usd"] / budget))
        said.append(f"{share} of the budget of {usd(budget)}")
    return "; ".join(said) or one["reason"] or "the month is over"


def _row(numbers: Numbers, one: Record) -> list[Cell]:
    key = f"budget:{one['scope']}:{one['organization']}:{one['id'] or ''}"
    return [
        _name(numbers, one),
        _KINDS[one["scope"]],
        one["status"],
        shared(one["used_share"]),
        usd(one["actual_usd"]),
        data(key, one["budget_usd"], usd(one["budget_usd"])),
        *(usd(one[f"forecast{which}_usd"]) for which in ("", "_low", "_high")),
    ]


def _name(numbers: Numbers, one: Record) -> str:
    if one["scope"] != "organization":
        return str(one["label"])
    return str(one["organization"]) if numbers.several else "The whole organization"


def to_act_on(numbers: Numbers) -> list[tuple[str, str]]:
    """Return what is over its budget, or will be if the forecast is right, and what to say."""
    return [
        (_name(numbers, one), _words(one))
        for one in with_budget(numbers)
        if one["status"] in ("over", "over by forecast")
    ]


def _words(one: Record) -> str:
    used = f"has used {usd(one['actual_usd'])} of its budget of {usd(one['budget_usd'])}"
    return used if one["forecast_usd"] is None else f"{used}; {usd(one['forecast_usd'])} expected"
