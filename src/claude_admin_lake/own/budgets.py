"""The table `budgets`: what an organization, or a part of it, may spend in a month."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from claude_admin_lake import parsers
from claude_admin_lake.tables import Column
from claude_admin_lake.tables.types import DECIMAL, STRING

from .table import Field, OwnTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .table import Fields, Line

SCOPES = ("organization", "workspace", "api_key", "person", "model")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_DOLLARS = re.compile(r"\d{1,15}(\.\d{1,2})?", re.ASCII)
_FIRST, _LAST = "0000-00", "9999-99"


def _scope(name: str, text: str) -> str:
    if text not in SCOPES:
        raise parsers.refusal(name, text, f"one of {', '.join(SCOPES)}")
    return text


def _dollars(name: str, text: str) -> str:
    if not _DOLLARS.fullmatch(text) or not Decimal(text):
        raise parsers.refusal(name, text, "dollars above 0, such as 2500 or 2500.50")
    return text


def _month(name: str, text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise parsers.refusal(name, text, "a month as YYYY-MM")
    return text


def _conflicts(lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    """Ids where there must be none or one, months the wrong way round, and overlaps."""
    earlier: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        fields = line.fields
        scope, identity = fields["scope"], fields.get("id", "")
        first, last = _months(fields)
        if (scope == "organization") is bool(identity):
            must = "be empty for" if identity else "say which"
            yield line.number, f"id is {identity!r}; must {must} {scope}"
        if first > last:
            yield line.number, f"end_month is {last!r}; must not be before start_month, {first}"
        same = earlier.setdefault((fields["organization"], scope, identity.lower()), [])
        for other in same:
            start, end = _months(other.fields)
            if start <= last and first <= end:
                yield (
                    line.number,
                    (
                        f"the {scope} has a budget for the same month in line {other.number}; "
                        "must have at most one budget in each month"
                    ),
                )
        same.append(line)


def _months(fields: Fields) -> tuple[str, str]:
    return fields.get("start_month", _FIRST), fields.get("end_month", _LAST)


BUDGETS = OwnTable(
    "budgets",
    "Monthly budgets of organizations and their parts, set by the user",
    (
        Field(
            Column("organization", STRING, "Name of the organization in this lake"), parsers.slug
        ),
        Field(Column("scope", STRING, f"What the budget is for: {', '.join(SCOPES)}"), _scope),
        Field(
            Column(
                "id",
                STRING,
                "Id of the workspace (`default` is the default one) or key; id or e-mail address "
                "of the person; name of the model; null for the organization",
            ),
            parsers.plain_text,
            required=False,
        ),
        Field(Column("amount_usd", DECIMAL, "US dollars for each month"), _dollars),
        Field(
            Column("start_month", STRING, "First month, YYYY-MM; null: no start"),
            _month,
            required=False,
        ),
        Field(
            Column("end_month", STRING, "Last month, YYYY-MM; null: no end"),
            _month,
            required=False,
        ),
    ),
    _conflicts,
)
