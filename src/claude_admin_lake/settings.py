"""The environment, read once into typed settings. Nothing else reads `os.environ`."""

from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct

from . import parsers
from .errors import InvalidInput
from .tables import DEFAULT, NAMES, Choice, choose

DIMENSIONS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
"""What usage_report can be grouped by (Usage and Cost API reference)."""

MAX_DIMENSIONS = 5
"""Dimensions that one request may name (Usage and Cost API reference)."""

API_VERSIONS = ("2023-06-01", "2026-10-21")
"""Versions of the API whose answers fit the declared columns."""

FEDERATION = (
    "FEDERATION_RULE_ID",
    "FEDERATION_ORGANIZATION_ID",
    "FEDERATION_SERVICE_ACCOUNT_ID",
)
"""The variables that together replace a stored key."""

MAIN = "main"
"""The default name of the only organization."""


class Settings(Struct, frozen=True, kw_only=True):
    """How this deployment loads; the same for every run until someone changes it."""

    organizations: tuple[str, ...] = (MAIN,)
    secret_id: str = ""
    federation_rule_id: str = ""
    federation_organization_id: str = ""
    federation_service_account_id: str = ""
    base_url: str = "https://api.anthropic.com"
    api_version: str = API_VERSIONS[0]
    bucket: str = ""
    prefix: str = ""
    cursor_table: str = ""
    start_date: date = date(2025, 1, 1)
    start_is_set: bool = False
    """Whether START_DATE is set; otherwise `start_date` is the default."""
    lookback_days: int = 3
    report_lookback_days: int = 30
    include_today: bool = False
    usage_group_by: tuple[str, ...] = (
        "model",
        "workspace_id",
        "api_key_id",
        "service_tier",
        "context_window",
    )
    requests_per_minute: int = 90
    choice: Choice = choose(DEFAULT)
    """The tables that are loaded unless an event names others."""
    continuation: str = ""
    """ARN of the state machine that continues unfinished work; empty if not deployed."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that are loaded unless an event names others."""
        return self.choice.tables

    @property
    def federation(self) -> dict[str, str]:
        """The fields of the federation that replaces a stored key; empty without federation."""
        fields = {name.lower(): getattr(self, name.lower()) for name in FEDERATION}
        return fields if self.federation_rule_id else {}


def _group_by(name: str, text: str) -> tuple[str, ...]:
    given = parsers.names(text)
    for dimension in given:
        if dimension not in DIMENSIONS:
            raise InvalidInput(f"{name} has {dimension!r}; must be one of {', '.join(DIMENSIONS)}")
    if len(set(given)) != len(given) or not 1 <= len(given) <= MAX_DIMENSIONS:
        raise parsers.refusal(name, text, f"one to {MAX_DIMENSIONS} different dimensions")
    return given


def _api_version(name: str, text: str) -> str:
    if text not in API_VERSIONS:
        raise parsers.refusal(name, text, " or ".join(API_VERSIONS))
    return text


def _choice(name: str, text: str) -> Choice:
    return choose(parsers.choices(name, parsers.names(text), NAMES))


_Parser = Callable[[str, str], object]

_VARIABLES: dict[str, tuple[str, _Parser]] = {
    "ORGANIZATIONS": ("organizations", parsers.slugs),
    "ADMIN_KEY_SECRET_ID": ("secret_id", parsers.secret_name),
    "FEDERATION_RULE_ID": ("federation_rule_id", parsers.plain_text),
    "FEDERATION_ORGANIZATION_ID": ("federation_organization_id", parsers.plain_text),
    "FEDERATION_SERVICE_ACCOUNT_ID": ("federation_service_account_id", parsers.plain_text),
    "ADMIN_API_BASE_URL": ("base_url", parsers.base_url),
    "ANTHROPIC_VERSION": ("api_version", _api_version),
    "LAKE_BUCKET": ("bucket", parsers.plain_text),
    "LAKE_PREFIX": ("prefix", parsers.key_prefix),
    "CURSOR_TABLE": ("cursor_table", parsers.plain_text),
    "START_DATE": ("start_date", parsers.day),
    "LOOKBACK_DAYS": ("lookback_days", parsers.whole_number(0, 365)),
    "REPORT_LOOKBACK_DAYS": ("report_lookback_days", parsers.whole_number(0, 365)),
    "INCLUDE_TODAY": ("include_today", parsers.switch),
    "USAGE_GROUP_BY": ("usage_group_by", _group_by),
    "REQUESTS_PER_MINUTE": ("requests_per_minute", parsers.whole_number(1, 100_000)),
    "TABLES": ("choice", _choice),
    "CONTINUATION_STATE_MACHINE_ARN": ("continuation", parsers.plain_text),
}

VARIABLES = tuple(_VARIABLES)
"""Every environment variable that the loader itself reads."""

_MAY_BE_EMPTY = {"LAKE_PREFIX", "CONTINUATION_STATE_MACHINE_ARN"}


def read_settings(environment: Mapping[str, str], *, required: tuple[str, ...] = ()) -> Settings:
    """Settings from the environment; an absent variable has its default.

    Raises InvalidInput that names the variable, its value and what it must be.
    """
    values: dict[str, object] = {"start_is_set": "START_DATE" in environment}
    for name, (field, parse) in _VARIABLES.items():
        text = environment.get(name)
        if text is None:
            if name in required:
                raise InvalidInput(f"{name} is not set; the function needs it")
        elif not text and name not in _MAY_BE_EMPTY:
            raise InvalidInput(f"{name} is empty; remove it or give it a value")
        else:
            values[field] = parse(name, text)
    settings = Settings(**values)  # type: ignore[arg-type]
    _check_federation(settings)
    return settings


def _check_federation(settings: Settings) -> None:
    given = [name for name in FEDERATION if getattr(settings, name.lower())]
    missing = [name for name in FEDERATION if name not in given]
    if given and missing:
        raise InvalidInput(
            f"{given[0]} is set, but {missing[0]} is not; set all of"
            f" {', '.join(FEDERATION)} or none"
        )
    if given and len(settings.organizations) > 1:
        raise InvalidInput(
            f"{given[0]} is set, but ORGANIZATIONS is {','.join(settings.organizations)}; federate"
            " several by their entries in the secret"
        )
