"""The table `prices`: what an organization pays, where that is not the public list price."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from claude_admin_lake import parsers
from claude_admin_lake.tables import Column
from claude_admin_lake.tables.types import DECIMAL, STRING

from .table import Field, OwnTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .table import Line

SEARCHES = "web_search"
KINDS = (
    "uncached_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    SEARCHES,
)
TIERS = ("standard", "batch", "priority", "priority_on_demand", "flex", "flex_discount")
WINDOWS = ("0-200k", "200k-1M")

_DOLLARS = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)


def _one_of(known: tuple[str, ...]) -> Callable[[str, str], str]:
    def parse(name: str, text: str) -> str:
        if text not in known:
            raise parsers.refusal(name, text, f"one of {', '.join(known)}")
        return text

    return parse


def _dollars(name: str, text: str) -> str:
    if not _DOLLARS.fullmatch(text):
        must = "dollars per million, with up to 6 decimals, such as 2.75"
        raise parsers.refusal(name, text, must)
    return format(Decimal(text), "f")


def _day(name: str, text: str) -> str:
    return str(parsers.day(name, text))


def _conflicts(lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    """Models where there must be none or one, and two prices for the same thing and day."""
    earlier: dict[tuple[str, ...], int] = {}
    for line in lines:
        fields = line.fields
        model = fields.get("model", "")
        if (fields["token_type"] == SEARCHES) is bool(model):
            must = "be empty for web_search" if model else "name the model"
            yield line.number, f"model is {model!r}; must {must}"
        names = (
            "organization",
            "model",
            "token_type",
            "service_tier",
            "context_window",
            "start_date",
        )
        same = tuple(fields.get(name, "") for name in names)
        if same in earlier:
            yield line.number, f"{', '.join(names)} are as in line {earlier[same]}; must differ"
        earlier.setdefault(same, line.number)


PRICES = OwnTable(
    "prices",
    "Prices that differ from the public list prices, set by the user",
    (
        Field(
            Column("organization", STRING, "Name of the organization in this lake"), parsers.slug
        ),
        Field(
            Column(
                "model",
                STRING,
                "Model, with or without the date of its snapshot; null for web_search",
            ),
            parsers.plain_text,
            required=False,
        ),
        Field(Column("token_type", STRING, f"Kind of token, or {SEARCHES}"), _one_of(KINDS)),
        Field(
            Column("service_tier", STRING, "Service tier; null: standard"),
            _one_of(TIERS),
            required=False,
        ),
        Field(
            Column("context_window", STRING, "Context window; null: all"),
            _one_of(WINDOWS),
            required=False,
        ),
        Field(
            Column("usd_per_million", DECIMAL, "US dollars per million tokens or searches"),
            _dollars,
        ),
        Field(
            Column("start_date", STRING, "First UTC day, YYYY-MM-DD; null: no start"),
            _day,
            required=False,
        ),
    ),
    _conflicts,
)
