"""Checks the file that a person wrote, and makes of it the file to store. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from claude_admin_lake.errors import InvalidInput

from .lines import split
from .table import Line

if TYPE_CHECKING:
    from collections.abc import Collection

    from .table import Field, Fields, OwnTable

ORGANIZATION = "organization"
_MOST_PROBLEMS = 20
_DEFAULT = "main"


def checked(table: OwnTable, text: str, organizations: Collection[str]) -> list[Fields]:
    """Return the lines of a file as fields to store, for a lake with these organizations.

    A line may leave its organization out if there is only one. Raises InvalidInput with every
    problem: its line, its field, what that is and what it must be.
    """
    given = split(text, [one.name for one in table.fields])
    problems: list[tuple[int, str]] = []
    lines = [_parsed(table, one, organizations, problems) for one in given]
    problems = sorted(problems) or list(table.conflicts(lines))
    if problems:
        told = [f"line {number}: {problem}" for number, problem in problems[:_MOST_PROBLEMS]]
        more = len(problems) - len(told)
        raise InvalidInput("\n".join([*told, *([f"and {more} more"] if more else [])]))
    return [one.fields for one in lines]


def stored(table: OwnTable, lines: Collection[Fields]) -> bytes:
    """Return the file to store: a JSON object a line, which has every column."""
    rows = ({one.name: fields.get(one.name) for one in table.fields} for fields in lines)
    text = "".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows
    )
    return text.encode()


def _parsed(
    table: OwnTable, line: Line, organizations: Collection[str], problems: list[tuple[int, str]]
) -> Line:
    fields: Fields = {}
    for field in table.fields:
        try:
            fields |= _value(field, line.fields.get(field.name), organizations)
        except InvalidInput as error:
            problems.append((line.number, str(error)))
    return Line(line.number, fields)


def _value(field: Field, text: str | None, organizations: Collection[str]) -> Fields:
    if text is None and field.name == ORGANIZATION and len(organizations) <= 1:
        text = next(iter(organizations), _DEFAULT)
    if text is None:
        if field.required:
            raise InvalidInput(f"{field.name} is missing; every line must have it")
        return {}
    if field.name == ORGANIZATION and organizations and text not in organizations:
        known = ", ".join(sorted(organizations))
        raise InvalidInput(f"{ORGANIZATION} is {text!r}; must be one in this lake: {known}")
    return {field.name: field.parse(field.name, text)}
