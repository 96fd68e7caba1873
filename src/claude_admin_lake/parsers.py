"""Checks of single values that people type, shared by settings and events.

Every parser takes the name of the setting or field and the value, and returns the typed value or
raises InvalidInput: "NAME is VALUE; must be …".
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from .errors import InvalidInput

EARLIEST_DAY = date(2023, 1, 1)
"""Earliest day requested; no report is known to hold older data."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def refusal(name: str, value: object, must: str) -> InvalidInput:
    """The error for a value that is not what it must be."""
    return InvalidInput(f"{name} is {value!r}; must be {must}")


def day(name: str, value: object) -> date:
    """A UTC day written `YYYY-MM-DD`, not before EARLIEST_DAY."""
    try:
        if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
            raise ValueError  # noqa: TRY301 - one message for every way to be wrong
        parsed = date.fromisoformat(value)
    except ValueError:
        raise refusal(name, value, "a day as YYYY-MM-DD") from None
    if parsed < EARLIEST_DAY:
        raise refusal(name, value, f"{EARLIEST_DAY} or later")
    return parsed


def timestamp(name: str, value: object) -> datetime:
    """An RFC 3339 time, as UTC."""
    try:
        if not (isinstance(value, str) and _TIMESTAMP.fullmatch(value)):
            raise ValueError  # noqa: TRY301 - one message for every way to be wrong
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal(name, value, "an RFC 3339 time such as 2026-01-31T06:00:00Z") from None


def names(text: str) -> tuple[str, ...]:
    """The items of a comma-separated list."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def choices(name: str, given: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The given names in the order of `known`, each once; at least one."""
    for one in given:
        if one not in known:
            raise InvalidInput(f"{name} has {one!r}; must be one of {', '.join(known)}")
    if not given:
        raise InvalidInput(f"{name} is empty; must have one of {', '.join(known)}")
    return tuple(one for one in known if one in given)


def slugs(name: str, text: str) -> tuple[str, ...]:
    """A comma-separated list of different organization names."""
    given = tuple(slug(name, one) for one in names(text))
    if not given or len(set(given)) != len(given):
        raise refusal(name, text, "names with commas, each once")
    return given


def slug(name: str, value: object) -> str:
    """An organization's name. It is part of object keys, so few characters are allowed."""
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise refusal(name, value, "lower-case letters, digits and hyphens (at most 63)")
    return value


def whole_number(low: int, high: int) -> Callable[[str, str], int]:
    """A parser of whole numbers from `low` to `high`."""

    def parse(name: str, text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise refusal(name, text, f"a whole number from {low} to {high}")
        return int(text)

    return parse


def switch(name: str, text: str) -> bool:
    """`true` or `false`, in any case."""
    if text.lower() not in ("true", "false"):
        raise refusal(name, text, "true or false")
    return text.lower() == "true"


def plain_text(name: str, text: str) -> str:
    """Text without surrounding whitespace."""
    if text != text.strip():
        raise refusal(name, text, "a value without surrounding whitespace")
    return text


def secret_name(name: str, text: str) -> str:
    """The name or ARN of a secret; a key is rejected without repeating it."""
    if "sk-ant-" in text:
        raise InvalidInput(f"{name} is a key; must be the name or ARN of the secret that holds it")
    return plain_text(name, text)


def base_url(name: str, text: str) -> str:
    """An https:// address, or an http:// one on loopback, without a final slash."""
    try:
        url = urlsplit(text if text == "".join(text.split()) else "")
        _ = url.port
    except ValueError:
        url = urlsplit("")
    secure = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    if not secure or not url.hostname or url.query or url.fragment or "@" in url.netloc:
        raise refusal(name, text, "an https:// address (http:// only on loopback)")
    return text.rstrip("/")


def key_prefix(name: str, text: str) -> str:
    """A prefix of object keys: empty, or a relative path that ends with `/`."""
    if text and (
        not text.endswith("/") or text.startswith("/") or {"", ".", ".."} & {*text[:-1].split("/")}
    ):
        raise refusal(name, text, "empty or a relative path that ends with /")
    return text
