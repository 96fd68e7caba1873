"""Formats rows as a text table or as CSV."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .errors import BadQuery
from .safe import no_formula, visible

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from .engine import Answer

_WIDEST = 60
_UNLIMITED = 100_000
_BLANK = "    \n"
_RULE = Box(_BLANK * 2 + " -  \n" + _BLANK * 5, ascii=True)
"""A table style with only a line below the header."""


def as_table(answer: Answer, most: int) -> str:
    """Format at most `most` rows as a table, with numbers aligned right and a row count."""
    table = Table(box=_RULE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, kind in zip(answer.columns, answer.types, strict=True):
        side: JustifyMethod = "right" if _is_number(kind) else "left"
        table.add_column(Text(name), justify=side, no_wrap=True, max_width=_WIDEST)
    shown = answer.rows[:most]
    for row in shown:
        table.add_row(*(Text(_cell(value)) for value in row))
    lines = [line.rstrip() for line in _rendered(table).splitlines()]
    return "\n".join([*lines, _count(len(answer.rows), len(shown))])


def as_json(answer: Answer) -> str:
    """Format all rows as a JSON array of objects; decimals are text, so that they stay exact.

    Raises BadQuery if two columns have the same name.
    """
    if twice := sorted({one for one in answer.columns if answer.columns.count(one) > 1}):
        raise BadQuery(f"several columns are named {twice[0]}; name them with AS")
    rows = [dict(zip(answer.columns, map(_number, row), strict=True)) for row in answer.rows]
    return json.dumps(rows, indent=2, ensure_ascii=False, default=plain)


def _number(value: object) -> object:
    """The value; null for a number that JSON does not have."""
    return None if isinstance(value, float) and not isfinite(value) else value


def as_csv(answer: Answer) -> str:
    """Format all rows as CSV, without formulas or control codes; null is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_field(name) for name in answer.columns])
    writer.writerows([_field(value) for value in row] for row in answer.rows)
    return out.getvalue().rstrip("\n")


def _count(rows: int, shown: int) -> str:
    total = f"({rows:,} row{'' if rows == 1 else 's'}"
    return f"{total})" if shown == rows else f"{total}, first {shown:,} shown)"


def _rendered(table: Table) -> str:
    """Render the table at its full width, without wrapping or cutting rows."""
    out = io.StringIO()
    Console(file=out, width=_UNLIMITED, color_system=None).print(table)
    return out.getvalue()


def _cell(value: object) -> str:
    """Format a value on one line, with control characters as escapes."""
    if value is None:
        return "null"
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in plain(value))


def _field(value: object) -> str:
    text = visible(plain(value))
    return no_formula(text) if isinstance(value, str) else text


def plain(value: object) -> str:
    """Convert a value to text; a decimal loses its trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _is_number(kind: str) -> bool:
    return kind.startswith(("BIGINT", "DECIMAL", "DOUBLE", "INTEGER", "HUGEINT"))
