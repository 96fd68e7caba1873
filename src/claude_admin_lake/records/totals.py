"""What the stored rows of a day add up to. Pure."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from claude_admin_lake.tables import Table

_EXACT = Context(prec=200)
_LARGEST = 2**63 - 1
"""Of a bigint: one larger value would make every query over `load_runs` fail."""

_DOLLARS, _BREAKDOWN = "amount_usd", "model_breakdown"


class _Tokens(Struct):
    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_creation: int | None = None


class _Estimate(Struct):
    amount: Decimal | None = None
    currency: str | None = None


class _Model(Struct):
    tokens: _Tokens | None = None
    estimated_cost: _Estimate | None = None


class _Row(Struct):
    """The columns that are added up. They have the same names in all tables."""

    amount_usd: Decimal | None = None
    uncached_input_tokens: int | None = None
    cache_creation_ephemeral_5m_input_tokens: int | None = None
    cache_creation_ephemeral_1h_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    model_breakdown: list[_Model | None] | None = field(default_factory=list)

    def tokens(self) -> Iterator[int | None]:
        yield self.uncached_input_tokens
        yield self.cache_creation_ephemeral_5m_input_tokens
        yield self.cache_creation_ephemeral_1h_input_tokens
        yield self.cache_read_input_tokens
        yield self.output_tokens
        for one in self.model_breakdown or ():
            if one and (used := one.tokens):
                yield from (used.input, used.output, used.cache_read, used.cache_creation)

    def dollars(self) -> Iterator[Decimal | None]:
        yield self.amount_usd
        for one in self.model_breakdown or ():
            if one and (cost := one.estimated_cost) and cost.amount and cost.currency == "USD":
                yield cost.amount.scaleb(-2)


_TOKENS = {name for name in _Row.__struct_fields__ if name.endswith("_tokens")}
_decode = msgspec.json.Decoder(_Row).decode


class Totals(Struct, frozen=True):
    """What the rows of an object add up to; None for what is unknown or not in the table.

    `usd` is an exact decimal text: of Claude Code its estimated cost, of other tables their cost
    after discounts.
    """

    rows: int | None = None
    usd: str | None = None
    tokens: int | None = None


def added_up(lines: Iterable[bytes], table: Table) -> Totals:
    """Add up a table's lines. Raises ValueError or ArithmeticError if they are not its rows."""
    names = {*table.column_names}
    rows, tokens, dollars = 0, 0, Decimal(0)
    with localcontext(_EXACT):
        for row in map(_decode, lines):
            rows += 1
            tokens += sum(filter(None, row.tokens()))
            dollars += sum(filter(None, row.dollars()))
    has_tokens = names & {*_TOKENS, _BREAKDOWN} and abs(tokens) <= _LARGEST
    return Totals(
        rows=rows,
        usd=format(dollars, "f") if names & {_DOLLARS, _BREAKDOWN} else None,
        tokens=tokens if has_tokens else None,
    )
