"""Assembles the report's tiles, warnings and sections for the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .html import Table, Tile, data, render
from .money import keys, organizations, spend, tokens
from .people import access, claude_code
from .words import change, percent, short, usd, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .numbers import Numbers

_FRESHNESS_HEADS = [
    "Table", "Last run", "Days missing", "Last run ended, UTC", "Complete through", "Days behind",
]  # fmt: skip


def page(numbers: Numbers) -> str:
    """Render the report as one HTML page without scripts or external resources."""
    return render(
        {
            "organization": numbers.organization,
            "period": numbers.period,
            "late": [_table(numbers, one) for one in numbers.freshness if _is_late(one)],
            "left_out": numbers.left_out,
            "tiles": list(_tiles(numbers)),
            "organizations": organizations(numbers),
            "spend": spend(numbers),
            "tokens": tokens(numbers),
            "keys": keys(numbers),
            "code": claude_code(numbers),
            "freshness": _freshness(numbers),
            "access": access(numbers),
        }
    )


def _tiles(numbers: Numbers) -> Iterator[Tile]:
    cost, used, code = numbers.spend, numbers.tokens, numbers.coding
    yield Tile("Spend", data("spend", cost["cost"], usd(cost["cost"])), "US dollars, in the period")
    yield Tile("Last 7 days", data("spend:week", cost["week"], usd(cost["week"])), _change(cost))
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


def _change(cost: dict[str, Any]) -> str:
    more = f" from {usd(cost['before'])} the week before" if cost["before"] is not None else ""
    return change(cost["week"], cost["before"]) + more


def _is_late(one: dict[str, Any]) -> bool:
    return one["last_status"] != "loaded" or (one["lag_days"] or 0) > 2 or bool(one["gaps"])


def _table(numbers: Numbers, one: dict[str, Any]) -> str:
    """The table's name, with its organization if there are several."""
    name: str = one["table_name"]
    return f"{name} · {one['organization']}" if numbers.several else name


def _freshness(numbers: Numbers) -> Table:
    rows = [
        [
            _table(numbers, one),
            one["last_status"] + (f": {one['error']}" if one["error"] else ""),
            one["gaps"] or "none",
            f"{one['last_run_at']:%Y-%m-%d %H:%M}" if one["last_run_at"] else "–",
            str(one["last_complete_day"] or "–"),
            data(f"lag:{_table(numbers, one)}", one["lag_days"], whole(one["lag_days"])),
        ]
        for one in numbers.freshness
    ]
    return Table("How current each table is", _FRESHNESS_HEADS, rows, words=3)
