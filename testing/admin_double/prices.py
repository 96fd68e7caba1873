"""The models and the price list, in cents."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

SHORT, LONG = "0-200k", "200k-1M"
STANDARD, BATCH, FLEX = "standard", "batch", "flex"

TOKEN_TYPES = (
    "uncached_input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
)
TOKEN_LABELS = dict(
    zip(
        TOKEN_TYPES,
        (
            "Input Tokens",
            "Output Tokens",
            "Input Tokens, Cache Read",
            "Input Tokens, Cache Write (5m)",
            "Input Tokens, Cache Write (1h)",
        ),
        strict=True,
    )
)

WEB_SEARCH_CENTS = Decimal(1)
CODE_EXECUTION_CENTS_AN_HOUR = Decimal(5)
SESSION_CENTS_AN_HOUR = Decimal(8)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and its base prices in cents per million tokens."""

    name: str
    title: str
    input: Decimal
    output: Decimal
    long_context: bool = False
    long_premium: bool = False
    """Whether long contexts cost more."""
    regional: bool = False
    fast: bool = False

    @property
    def contexts(self) -> tuple[str, ...]:
        return (SHORT, LONG) if self.long_context else (SHORT,)


MODELS = (
    Model(
        name="claude-opus-4-6",
        title="Claude Opus 4.6",
        input=Decimal(500),
        output=Decimal(2500),
        long_context=True,
        regional=True,
        fast=True,
    ),
    Model(
        name="claude-sonnet-4-6",
        title="Claude Sonnet 4.6",
        input=Decimal(300),
        output=Decimal(1500),
        long_context=True,
        regional=True,
    ),
    Model(
        name="claude-opus-4-5-20251101",
        title="Claude Opus 4.5",
        input=Decimal(500),
        output=Decimal(2500),
    ),
    Model(
        name="claude-sonnet-4-5-20250929",
        title="Claude Sonnet 4.5",
        input=Decimal(300),
        output=Decimal(1500),
        long_context=True,
        long_premium=True,
    ),
    Model(
        name="claude-haiku-4-5-20251001",
        title="Claude Haiku 4.5",
        input=Decimal(100),
        output=Decimal(500),
    ),
)
_BY_NAME = {model.name: model for model in MODELS}

_SHARE_OF_INPUT = {
    "uncached_input_tokens": Decimal(1),
    "cache_read_input_tokens": Decimal("0.1"),
    "cache_creation.ephemeral_5m_input_tokens": Decimal("1.25"),
    "cache_creation.ephemeral_1h_input_tokens": Decimal(2),
}
_TIER = {STANDARD: Decimal(1), BATCH: Decimal("0.5"), FLEX: Decimal("0.5")}
_TIER_LABELS = {STANDARD: "", BATCH: " (Batch)", FLEX: " (Flex)"}
_LONG_INPUT, _LONG_OUTPUT = Decimal(2), Decimal("1.5")


@cache
def price(model: str, token_type: str, tier: str = STANDARD, context: str = SHORT) -> Decimal:
    """The price in cents per million tokens."""
    sold = _BY_NAME[model]
    is_long = sold.long_premium and context == LONG
    if token_type == "output_tokens":  # noqa: S105 - a token type, not a secret
        return sold.output * _TIER[tier] * (_LONG_OUTPUT if is_long else 1)
    base = sold.input * _SHARE_OF_INPUT[token_type] * _TIER[tier]
    return base * (_LONG_INPUT if is_long else 1)


def cost(tokens: int, cents_per_million: Decimal) -> Decimal:
    """The exact cost in cents, with fractions."""
    return tokens * cents_per_million / 1_000_000


@cache
def description(model: str, token_type: str, tier: str, context: str) -> str:
    """The description in the cost report, which does not name the region."""
    window = f", {context}" if context == LONG else ""
    return f"{_BY_NAME[model].title} Usage{_TIER_LABELS[tier]} - {TOKEN_LABELS[token_type]}{window}"
