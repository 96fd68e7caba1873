"""The reporter's environment, read once into typed settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claude_admin_lake import parsers
from claude_admin_lake.errors import InvalidInput

from .kinds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DIGESTS = ("daily", "weekly", "never")


@dataclass(frozen=True, kw_only=True)
class ReporterSettings:
    """How this deployment reports."""

    bucket: str
    lake_prefix: str = ""
    topic: str
    digest: str = "weekly"
    webhook_secret: str = ""
    names_people: bool = False
    page_url: str = ""
    dashboard_url: str = ""
    thresholds: Thresholds = field(default_factory=Thresholds)


def _digest(name: str, text: str) -> str:
    (one,) = parsers.choices(name, (text,), DIGESTS)
    return one


def _share(name: str, text: str) -> float:
    return parsers.whole_number(1, 1000)(name, text) / 100


def _dollars(name: str, text: str) -> Decimal:
    return Decimal(parsers.whole_number(0, 1_000_000)(name, text))


_VARIABLES: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "LAKE_BUCKET": ("bucket", parsers.plain_text),
    "LAKE_PREFIX": ("lake_prefix", parsers.key_prefix),
    "DIGEST_TOPIC_ARN": ("topic", parsers.plain_text),
    "DIGEST": ("digest", _digest),
    "WEBHOOK_SECRET_ID": ("webhook_secret", parsers.plain_text),
    "DIGEST_NAMES_PEOPLE": ("names_people", parsers.switch),
    "PAGE_URL": ("page_url", parsers.plain_text),
    "DASHBOARD_URL": ("dashboard_url", parsers.plain_text),
}
_THRESHOLDS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "ALERT_JUMP_PERCENT": ("jump", _share),
    "ALERT_LEAST_USD": ("least", _dollars),
    "ALERT_CACHE_DROP_POINTS": ("cache_drop", _share),
    "ALERT_MODEL_PERCENT": ("dominance", _share),
    "ALERT_BUDGET_PERCENT": ("used", _share),
    "ALERT_FORECAST_PERCENT": ("expected", _share),
    "ALERT_RECONCILIATION_PERCENT": ("tolerance", _share),
}
VARIABLES = (*_VARIABLES, *_THRESHOLDS)
"""Every environment variable that the reporter reads."""

_REQUIRED = ("LAKE_BUCKET", "DIGEST_TOPIC_ARN")


def read_settings(environment: Mapping[str, str]) -> ReporterSettings:
    """Read the settings; an absent or empty variable has its default.

    Raises InvalidInput that names the variable, its value and what it must be.
    """
    for name in _REQUIRED:
        if not environment.get(name):
            raise InvalidInput(f"{name} is not set; the reporter needs it")
    thresholds = Thresholds(**_parsed(_THRESHOLDS, environment))
    return ReporterSettings(**_parsed(_VARIABLES, environment), thresholds=thresholds)


def _parsed(
    known: Mapping[str, tuple[str, Callable[[str, str], Any]]], environment: Mapping[str, str]
) -> dict[str, Any]:
    given = {name: environment.get(name, "") for name in known}
    return {known[name][0]: known[name][1](name, text) for name, text in given.items() if text}
