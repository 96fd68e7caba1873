"""Rows as a table of text, or as CSV."""

from __future__ import annotations

import csv
import io
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .engine import Answer

_WIDEST = 60


def as_table(answer: Answer, most: int) -> str:
    """At most so many rows, numbers to the right, with a last line that counts them."""
    shown = [[_cell(value) for value in row] for row in answer.rows[:most]]
    heads = list(answer.columns)
    widths = [max(map(_width, column)) for column in zip(heads, *shown, strict=True)]
    right = [_is_number(kind) for kind in answer.types]
    lines = [_line(heads, widths, [False] * len(heads)), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths, right) for row in shown]
    return "\n".join([*lines, _count(len(answer.rows), len(shown))])


def as_csv(answer: Answer) -> str:
    """All rows, null as nothing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_plain(value) for value in row] for row in answer.rows)
    return out.getvalue().rstrip("\n")


def _count(rows: int, shown: int) -> str:
    total = f"({rows:,} row{'' if rows == 1 else 's'}"
    return f"{total})" if shown == rows else f"{total}, the first {shown:,} shown)"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (_pad(*one) for one in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()


def _pad(text: str, width: int, right: bool) -> str:  # noqa: FBT001 - a column's side
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _cell(value: object) -> str:
    """A value on one line, not wider than a column may be."""
    if value is None:
        return "null"
    text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in _plain(value))
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _plain(value: object) -> str:
    """A value as text; a decimal without its trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _width(text: str) -> int:
    """Columns of a terminal; some letters take two, some none."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) > 0 for one in text)


def _is_number(kind: str) -> bool:
    return kind.startswith(("BIGINT", "DECIMAL", "DOUBLE", "INTEGER", "HUGEINT"))
