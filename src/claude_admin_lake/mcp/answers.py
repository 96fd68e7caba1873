"""Answers for clients: exact, bounded, and without characters that could deceive a reader."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

MOST_BYTES = 100_000
"""Limit of one answer's rows, as JSON."""
LONGEST_TEXT = 2_000
_EXACT_IN_JAVASCRIPT = 1 << 53


@dataclass(frozen=True)
class Found:
    """What a backend found: columns with their types, rows, and whether there are more."""

    columns: list[tuple[str, str]]
    rows: list[list[Any]]
    more: bool


def bounded(found: Found) -> Found:
    """The rows that fit into an answer."""
    size, kept = 0, list[list[Any]]()
    for row in found.rows:
        size += len(json.dumps(row))
        if size > MOST_BYTES:
            return Found(found.columns, kept, more=True)
        kept.append(row)
    return found


def plain(value: Any) -> Any:
    """A value as JSON holds it. Decimals, and integers that JavaScript would round, become text;
    days and times are ISO 8601."""
    found: Any
    match value:
        case None | bool():
            found = value
        case int():
            found = value if abs(value) < _EXACT_IN_JAVASCRIPT else str(value)
        case float():
            found = value if isfinite(value) else str(value)
        case Decimal():
            found = _without_zeros(value)
        case date():
            found = value.isoformat()
        case dict():
            found = {clean(str(name)): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            found = [plain(inner) for inner in value]
        case _:
            found = clean(str(value))
    return found


def clean(text: str) -> str:
    """Text without control, bidirectional and other invisible characters, and not too long.

    Names in the lake are written by others and must not hide or reorder what is shown.
    """
    shown = "".join(one if _is_visible(one) else "\N{REPLACEMENT CHARACTER}" for one in text)
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}… (cut)"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def _without_zeros(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
