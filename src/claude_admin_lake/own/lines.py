"""Splits the file that a person wrote, CSV or JSON lines, into fields of text. Pure."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from claude_admin_lake.errors import InvalidInput

from .table import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_EMPTY = "it is empty; must be CSV with a header, or JSON lines"


def split(text: str, names: Sequence[str]) -> list[Line]:
    """Return the lines with their fields, which must be one of `names`; blank lines are left out.

    Raises InvalidInput for the first line that cannot be split.
    """
    begin = text.lstrip()
    if not begin:
        raise InvalidInput(_EMPTY)
    return list(_json_lines(text, names) if begin.startswith("{") else _csv_lines(text, names))


def _json_lines(text: str, names: Sequence[str]) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield Line(number, dict(_fields(number, _record(number, line), names)))


def _record(number: int, line: str) -> list[tuple[str, Any]]:
    try:
        # Numbers stay the text that they are: no digit is lost.
        found = json.loads(line, parse_float=str, parse_int=str, object_pairs_hook=list)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not line.lstrip().startswith("{"):
        raise InvalidInput(f"line {number} must be one JSON object")
    return found


def _fields(
    number: int, pairs: list[tuple[str, Any]], names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    _check_names(number, [name for name, _ in pairs], names)
    for name, value in pairs:
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"line {number}: {name} must be text or a number")
        if value and value.strip():
            yield name, value.strip()


def _csv_lines(text: str, names: Sequence[str]) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        filled = ((rows.line_num, row) for row in rows if any(cell.strip() for cell in row))
        number, head = next(filled, (1, list[str]()))
        if not head:
            raise InvalidInput(_EMPTY)
        head = [name.strip() for name in head]
        _check_names(number, head, names)
        for number, row in filled:
            if len(row) != len(head):
                raise InvalidInput(
                    f"line {number} has {len(row)} cells; must have {len(head)}, like the header"
                )
            cells = zip(head, map(str.strip, row), strict=True)
            yield Line(number, {name: cell for name, cell in cells if cell})
    except csv.Error as error:
        raise InvalidInput(f"line {rows.line_num} is not CSV: {error}") from error


def _check_names(number: int, given: Sequence[str], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            raise InvalidInput(
                f"line {number} has the field {name!r}; must be one of {', '.join(names)}"
            )
        if given.count(name) > 1:
            raise InvalidInput(f"line {number} has {name} twice; give it once")
