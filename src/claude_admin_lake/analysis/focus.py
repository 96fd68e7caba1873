"""A month of costs as a FOCUS file."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .engine import Answer
from .text import as_csv

if TYPE_CHECKING:
    from .engine import Engine

_OWN = {"organization": "x_Organization"}
"""FOCUS reserves `x_` for columns of one's own."""


def focus_month(engine: Engine, month: date) -> str:
    """Return the costs of the month that begins on this day, as CSV."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    found = engine.query(
        f"SELECT * FROM focus_cost WHERE ChargePeriodStart >= TIMESTAMP '{month}' "
        f"AND ChargePeriodStart < TIMESTAMP '{after}' "
        "ORDER BY ChargePeriodStart, organization, SubAccountId, ChargeDescription, BilledCost"
    )
    columns = tuple(_OWN.get(name, name) for name in found.columns)
    rows = [tuple(map(_value, row)) for row in found.rows]
    return as_csv(Answer(columns, found.types, rows))


def _value(value: Any) -> Any:
    """Write times in UTC as FOCUS does."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
