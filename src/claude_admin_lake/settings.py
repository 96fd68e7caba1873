"""The environment, read once into typed settings. Nothing else reads `os.environ`."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlsplit

from msgspec import Struct

from .errors import InvalidInput
from .tables import TABLES

EARLIEST_DAY = date(2023, 1, 1)
"""No day before this is ever asked for: nobody has seen the reports answer with anything."""

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
"""What usage_report can be grouped by (Usage and Cost API reference); at most five at once."""

MOST_DIMENSIONS = 5


class Settings(Struct, frozen=True, kw_only=True):
    """How this deployment loads; the same for every run until someone changes it."""

    secret_id: str = ""
    base_url: str = "https://api.anthropic.com"
    bucket: str = ""
    prefix: str = ""
    cursor_table: str = ""
    start_date: date = date(2025, 1, 1)
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
    tables: tuple[str, ...] = tuple(table.name for table in TABLES)
    continuation: str = ""
    """ARN of the state machine that goes on with unfinished work; empty: nobody does."""


def parse_day(name: str, text: object) -> date:
    """A UTC day written `YYYY-MM-DD`, not before 2023; `name` is for the message."""
    try:
        if not (isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)):
            raise ValueError  # noqa: TRY301 - one message for every way to be wrong
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{name} is {text!r}; allowed is a day as YYYY-MM-DD") from None
    if day < EARLIEST_DAY:
        raise InvalidInput(f"{name} is {text!r}; allowed is {EARLIEST_DAY} or later")
    return day


def parse_tables(name: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """Table names in the order of the registry, each once."""
    known = tuple(table.name for table in TABLES)
    for table in given:
        if table not in known:
            raise InvalidInput(f"{name} has {table!r}; allowed are {', '.join(known)}")
    if not given:
        raise InvalidInput(f"{name} is empty; allowed are {', '.join(known)}")
    return tuple(table for table in known if table in given)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def parse(name: str, text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise InvalidInput(f"{name} is {text!r}; allowed is a number from {low} to {high}")
        return int(text)

    return parse


def _switch(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InvalidInput(f"{name} is {text!r}; allowed are true and false")
    return text.lower() == "true"


def _group_by(name: str, text: str) -> tuple[str, ...]:
    given = _names(text)
    for dimension in given:
        if dimension not in DIMENSIONS:
            raise InvalidInput(f"{name} has {dimension!r}; allowed are {', '.join(DIMENSIONS)}")
    if len(set(given)) != len(given) or not 1 <= len(given) <= MOST_DIMENSIONS:
        raise InvalidInput(
            f"{name} is {text!r}; allowed are one to {MOST_DIMENSIONS} different dimensions"
        )
    return given


def _base_url(name: str, text: str) -> str:
    try:
        url = urlsplit(text if text == "".join(text.split()) else "")
        _ = url.port
    except ValueError:
        url = urlsplit("")
    local = url.hostname in ("127.0.0.1", "localhost", "::1")
    secure = url.scheme == "https" or (url.scheme == "http" and local)
    if not secure or not url.hostname or url.query or url.fragment or "@" in url.netloc:
        raise InvalidInput(f"{name} is {text!r}; allowed is an https:// address (http to loopback)")
    return text.rstrip("/")


def _prefix(name: str, text: str) -> str:
    if text and (
        not text.endswith("/") or text.startswith("/") or {"", ".", ".."} & {*text[:-1].split("/")}
    ):
        raise InvalidInput(f"{name} is {text!r}; allowed is nothing or a path that ends with /")
    return text


def _text(name: str, text: str) -> str:
    if text != text.strip():
        raise InvalidInput(f"{name} is {text!r}; allowed is a value without blanks around it")
    return text


def _secret_id(name: str, text: str) -> str:
    if "sk-ant-" in text:
        raise InvalidInput(f"{name} holds a key; allowed is the name or ARN of the secret with it")
    return _text(name, text)


_Parser = Callable[[str, str], object]

_VARIABLES: dict[str, tuple[str, _Parser]] = {
    "ADMIN_KEY_SECRET_ID": ("secret_id", _secret_id),
    "ADMIN_API_BASE_URL": ("base_url", _base_url),
    "LAKE_BUCKET": ("bucket", _text),
    "LAKE_PREFIX": ("prefix", _prefix),
    "CURSOR_TABLE": ("cursor_table", _text),
    "START_DATE": ("start_date", parse_day),
    "LOOKBACK_DAYS": ("lookback_days", _whole(0, 365)),
    "REPORT_LOOKBACK_DAYS": ("report_lookback_days", _whole(0, 365)),
    "INCLUDE_TODAY": ("include_today", _switch),
    "USAGE_GROUP_BY": ("usage_group_by", _group_by),
    "REQUESTS_PER_MINUTE": ("requests_per_minute", _whole(1, 100_000)),
    "TABLES": ("tables", lambda name, text: parse_tables(name, _names(text))),
    "CONTINUATION_STATE_MACHINE_ARN": ("continuation", _text),
}

VARIABLES = tuple(_VARIABLES)
"""Every environment variable that the function reads by itself."""

_MAY_BE_EMPTY = {"LAKE_PREFIX", "CONTINUATION_STATE_MACHINE_ARN"}


def read_settings(environment: Mapping[str, str], *, required: tuple[str, ...] = ()) -> Settings:
    """Settings from the environment; an absent variable has its default.

    Raises InvalidInput that names the variable, its value and what is allowed.
    """
    values: dict[str, object] = {}
    for name, (field, parse) in _VARIABLES.items():
        text = environment.get(name)
        if text is None:
            if name in required:
                raise InvalidInput(f"{name} is not set; the function cannot do without it")
        elif not text and name not in _MAY_BE_EMPTY:
            raise InvalidInput(f"{name} is empty; leave it out or give it a value")
        else:
            values[field] = parse(name, text)
    return Settings(**values)  # type: ignore[arg-type]
