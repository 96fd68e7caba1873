"""The report's first section: what matters today."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from .budgets import budgets, forecast, to_act_on
from .html import Table, Tile, data
from .words import change, day_label, moved, percent, short, usd, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .html import Cell
    from .numbers import Numbers
    from .period import Days
    from .questions import Record

_MOST_MOVERS = 5
_URGENT = ("key creator has left", "key expires soon", "admin invite pending", "key unused")


class Mover(NamedTuple):
    """A workspace whose spend changed, by how much, and why."""

    name: str
    by: str
    words: str


_WHY = {
    "volume_usd": ("more tokens", "fewer tokens"),
    "price_usd": ("higher prices", "lower prices"),
    "mix_usd": ("a more expensive mix of models and tokens", "a cheaper mix of models and tokens"),
}
"""Reasons for more and for less spend, by the column of cost_changes."""


def now(numbers: Numbers) -> dict[str, Any]:
    """Money of the month, what moved, what is urgent, and how current the data is."""
    counts = Counter(one["finding"] for one in numbers.findings.records)
    return {
        "tiles": list(_tiles(numbers)),
        "movers": movers(numbers)[:_MOST_MOVERS],
        "week": numbers.period.whole_week,
        "urgent": [(name, counts[name]) for name in _URGENT if counts[name]],
        "can_be_unusual": numbers.period.can_be_unusual,
        "anomalies": numbers.anomalies.records[:_MOST_MOVERS],
        "over": to_act_on(numbers)[:_MOST_MOVERS],
        "budgets": budgets(numbers),
        "late": late(numbers),
        "found": [numbers.spend, numbers.outlooks, numbers.moves, numbers.anomalies],
    }


def movers(numbers: Numbers) -> list[Mover]:
    """Workspaces by how much the last whole week differs from the week before, and why."""
    return [_mover(one) for one in numbers.moves.records]


def _mover(one: Record) -> Mover:
    grown = one["change_usd"] > 0
    largest = (max if grown else min)(_WHY, key=lambda column: one[column])
    because = _WHY[largest][0 if grown else 1]
    words = f"from {usd(one['previous_usd'])} to {usd(one['cost_usd'])}, mostly {because}"
    return Mover(one["label"], moved(one["change_usd"]), words)


def late(numbers: Numbers) -> list[str]:
    """Return the tables that are not current."""
    return [_table(numbers, one) for one in numbers.freshness.records if _is_late(one)]


def totals(numbers: Numbers) -> Iterator[Tile]:
    """Sums of the whole period."""
    cost, used, code = numbers.spend.one, numbers.tokens.one, numbers.coding.one
    yield Tile("Spend", data("spend", cost["cost"], usd(cost["cost"])), "US dollars, in the period")
    yield Tile(
        "Tokens", data("tokens", used["input"], short(used["input"] or 0)),
        f"input, and {short(used['output'] or 0)} output",
    )  # fmt: skip
    yield Tile(
        "Cache-hit share", data("hit_share", used["hit_share"], percent(used["hit_share"])),
        "of input tokens",
    )  # fmt: skip
    yield Tile(
        "Claude Code", data("people", code["people"], whole(code["people"])),
        "people in the period",
    )  # fmt: skip
    yield Tile(
        "Accepted", data("acceptance", code["acceptance"], percent(code["acceptance"])),
        "of Claude Code's proposals",
    )  # fmt: skip


def freshness(numbers: Numbers) -> Table:
    """How current each table is."""
    heads = [
        "Table",
        "Last run",
        "Days missing",
        "Run ended, UTC",
        "Complete through",
        "Days behind",
    ]
    rows = [_freshness(_table(numbers, one), one) for one in numbers.freshness.records]
    caption = "How current each table is"
    return Table("freshness", caption, heads, rows, words=3, found=[numbers.freshness])


def _table(numbers: Numbers, one: Record) -> str:
    """The table's name, with its organization if there are several."""
    name: str = one["table_name"]
    return f"{name} · {one['organization']}" if numbers.several else name


def _freshness(name: str, one: Record) -> list[Cell]:
    return [
        name,
        one["last_status"] + (f": {one['error']}" if one["error"] else ""),
        one["gaps"] or "none",
        f"{one['last_run_at']:%Y-%m-%d %H:%M}" if one["last_run_at"] else "–",
        str(one["last_complete_day"] or "–"),
        data(f"lag:{name}", one["lag_days"], whole(one["lag_days"])),
    ]


def _is_late(one: Record) -> bool:
    return one["last_status"] != "loaded" or (one["lag_days"] or 0) > 2 or bool(one["gaps"])


def _tiles(numbers: Numbers) -> Iterator[Tile]:
    cost, at = numbers.spend.one, numbers.period
    yield Tile("Month to date", data("month", cost["month"], usd(cost["month"])), _month(numbers))
    yield from forecast(numbers)
    yield Tile(
        "Last 7 days", data("spend:week", cost["week"], usd(cost["week"])),
        _compared(cost["week"], cost["before"], at.week_before),
    )  # fmt: skip
    yield Tile(
        "Last day", data("spend:day", cost["yesterday"], usd(cost["yesterday"])),
        f"{at.end:%A}, {day_label(at.end)}",
    )  # fmt: skip


def _month(numbers: Numbers) -> str:
    cost, at = numbers.spend.one, numbers.period
    compared = _compared(cost["month"], cost["month_before"], at.month_before)
    return f"{_span(at.month)}; {compared}"


def _compared(now_: Any, before: Any, days: Days | None) -> str:
    if days is None:
        return "nothing earlier to compare with"
    return f"{change(now_, before)} from {usd(before)}, {_span(days)}"


def _span(days: Days) -> str:
    first, last = days
    if first == last:
        return day_label(first)
    return f"{day_label(first)}–{last.day if last.month == first.month else day_label(last)}"
