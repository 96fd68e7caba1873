"""What the stored rows of a day add up to. Pure."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from claude_admin_lake.tables import Table

_EXACT = Context(prec=200)
_LARGEST = 2**63 - 1
"""The largest bigint. One larger value would make every query over `load_runs` fail."""

_DOLLARS, _BREAKDOWN = "amount_usd", "model_breakdown"


class _Tokens(Struct, gc=False):
    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_creation: int | None = None


class _Estimate(Struct, gc=False):
    amount: Decimal | None = None
    currency: str | None = None


class _Model(Struct, gc=False):
    tokens: _Tokens | None = None
    estimated_cost: _Estimate | None = None


class _Row(Struct, gc=False):
    """The columns that are added up. They have the same names in all tables."""

    amount_usd: Decimal | None = None
    uncached_input_tokens: int | None = None
    cache_creation_ephemeral_5m_input_tokens: int | None = None
    cache_creation_ephemeral_1h_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    model_breakdown: list[_Model | None] | None = None


_TOKENS = {name for name in _Row.__struct_fields__ if name.endswith("_tokens")}
_rows = msgspec.json.Decoder(_Row).decode_lines


class Totals(Struct, frozen=True):
    """What the rows of an object add up to; None for what is unknown or not in the table.

    `usd` is an exact decimal as text: the estimated cost for Claude Code, the cost after discounts
    for other tables.
    """

    rows: int | None = None
    usd: str | None = None
    tokens: int | None = None


def added_up(chunks: Iterable[bytes], table: Table) -> Totals:
    """Add up a table's lines, many at a time. Raises ValueError or ArithmeticError if they are not
    its rows."""
    names = {*table.column_names}
    count, tokens, dollars = 0, 0, Decimal(0)
    with localcontext(_EXACT):
        for rows in map(_rows, chunks):
            count += len(rows)
            for name in names & _TOKENS:
                tokens += sum(filter(None, map(attrgetter(name), rows)))
            if _DOLLARS in names:
                dollars += sum(filter(None, map(attrgetter(_DOLLARS), rows)))
            if _BREAKDOWN in names:
                models = [one for row in rows for one in row.model_breakdown or () if one]
                tokens += sum(filter(None, _used(models)))
                dollars += sum(filter(None, _estimates(models)))
    has_tokens = names & {*_TOKENS, _BREAKDOWN} and abs(tokens) <= _LARGEST
    return Totals(
        rows=count,
        usd=format(dollars, "f") if names & {_DOLLARS, _BREAKDOWN} else None,
        tokens=tokens if has_tokens else None,
    )


def _used(models: Iterable[_Model]) -> Iterator[int | None]:
    return chain.from_iterable(astuple(one.tokens) for one in models if one.tokens)


def _estimates(models: Iterable[_Model]) -> Iterator[Decimal]:
    costs = (one.estimated_cost for one in models)
    return (
        cost.amount.scaleb(-2) for cost in costs if cost and cost.amount and cost.currency == "USD"
    )
