"""A month of costs as a FOCUS file."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .engine import Answer
from .text import as_csv, plain

if TYPE_CHECKING:
    from .engine import Engine

_OWN = {"organization": "x_Organization"}
"""FOCUS reserves `x_` for columns of one's own."""

_OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]")


def focus_month(engine: Engine, month: date, *, as_ascii: bool = False) -> str:
    r"""Return the costs of the month that begins on this day, as CSV.

    With `as_ascii`, letters outside ASCII become escapes such as `\u00e9`.
    """
    found = engine.query(
        f"SELECT * FROM focus_cost WHERE ChargePeriodStart >= TIMESTAMP '{month}' "
        f"AND ChargePeriodStart < TIMESTAMP '{month}' + INTERVAL '1' MONTH "
        "ORDER BY ChargePeriodStart, organization, SubAccountId, ChargeDescription, BilledCost"
    )
    columns = tuple(_OWN.get(name, name) for name in found.columns)
    rows = [tuple(map(_value, row)) for row in found.rows]
    text = as_csv(Answer(columns, found.types, rows))
    return _OUTSIDE_ASCII.sub(_escaped, text) if as_ascii else text


def _escaped(found: re.Match[str]) -> str:
    """Write a letter as JSON does, so that tags stay valid JSON."""
    return json.dumps(found[0])[1:-1]


def _value(value: Any) -> Any:
    """Write times in UTC, and decimals with a point, as programs that guess types expect."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, Decimal):
        text = plain(value)
        return text if "." in text else f"{text}.0"
    return value
