"""Writes the price list, prices.csv, into the view `reconciliation`."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from .views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

PRICES = Path(__file__).with_name("prices.csv")
PRICES_VIEW = VIEWS / "reconciliation.sql"

_BLOCK = re.compile(
    r"(?<=            -- prices\.csv\n).*(?=            -- end of prices\.csv\n)", re.DOTALL
)


def filled_prices(view: str) -> str:
    """Return the view's SQL with a line for each line of the price list."""
    lines = ",\n".join(_lines())
    return _BLOCK.sub(lambda _: f"{lines}\n", view)


def _lines() -> Iterator[str]:
    with PRICES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["source"] or not row["seen_on"]:
                raise ValueError(f"{PRICES}: the price of {row['model']} needs a source and a day")
            del row["seen_on"]
            yield f"            ({', '.join(map(_value, row.values()))})"


def _value(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
