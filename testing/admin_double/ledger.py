"""The finest-grained spend of a day, from which all cost reports are summed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from admin_double import prices
from admin_double.chance import dice
from admin_double.spaces import Space
from admin_double.spend import Usage
from admin_double.wire import midnight


class LedgerLine(NamedTuple):
    """A quantity of one product and its cost in cents."""

    at: datetime
    workspace_id: str | None
    cost_type: str
    description: str
    cents: Decimal
    api_key_id: str | None = None
    console: bool = False
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    token_type: str | None = None
    tokens: int = 0
    used: Usage | None = None
    spans: int = 0

    @property
    def day(self) -> date:
        """The day that it is reported on."""
        return self.at.date()


def lines(used: Usage) -> Iterator[LedgerLine]:
    """The costs of one usage row, by product."""
    for token_type, tokens in zip(prices.TOKEN_TYPES, used.tokens, strict=True):
        yield _token_line(used, token_type, tokens)
    if used.web_search_requests:
        cents = used.web_search_requests * prices.WEB_SEARCH_CENTS
        text = "Web Search Usage"
        key = used.api_key_id
        yield LedgerLine(
            used.at, used.workspace_id, "web_search", text, cents, api_key_id=key, used=used
        )


def _token_line(used: Usage, token_type: str, tokens: int) -> LedgerLine:
    sold = (used.model, token_type, used.service_tier, used.context_window)
    return LedgerLine(
        used.at,
        used.workspace_id,
        "tokens",
        prices.description(*sold),
        prices.cost(tokens, prices.price(*sold)),
        api_key_id=used.api_key_id,
        console=used.api_key_id is None,
        model=used.model,
        service_tier=used.service_tier,
        context_window=used.context_window,
        inference_geo=used.inference_geo,
        token_type=token_type,
        tokens=tokens,
        used=used,
    )


def extras(seed: int, day: date, version: int, spaces: Sequence[Space]) -> Iterator[LedgerLine]:
    """Costs without token usage: code execution and agent sessions."""
    chance, drift = dice(seed, "extras", day), dice(seed, "extras", day, version)
    for space in spaces:
        at = midnight(day) + timedelta(minutes=chance.randrange(1440))
        hours = Decimal(chance.randrange(1, 4000) + drift.randrange(100)) / 1000
        if chance.random() < 0.5:
            cents = hours * prices.CODE_EXECUTION_CENTS_AN_HOUR
            text, spans = "Code Execution Usage", 1 + int(hours * 10)
            yield LedgerLine(at, space.id, "code_execution", text, cents, spans=spans)
        if chance.random() < 0.4:
            cents = hours * prices.SESSION_CENTS_AN_HOUR
            yield LedgerLine(at, space.id, "session_usage", "Session Usage", cents)


def padding(day: date, count: int) -> Iterator[LedgerLine]:
    """Sessions of distinct agents, which bring a report to an exact number of rows."""
    for agent in range(1, count + 1):
        cents = agent * prices.SESSION_CENTS_AN_HOUR / 1000
        yield LedgerLine(
            midnight(day), None, "session_usage", f"Session Usage - Agent {agent}", cents
        )
