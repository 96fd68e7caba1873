"""Parses a request's query string strictly, as the API does."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

from admin_double.errors import ApiError

# The API ignores `offset` silently, so that paging by offset never ends.
IGNORED = frozenset({"offset"})
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Limit:
    """The `limit` parameter: its default and its maximum."""

    usual: int = 20
    most: int = 1000


@dataclass(frozen=True)
class IncomingRequest:
    """The parts of a request that decide its response."""

    path: str
    pairs: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def parse(cls, target: str, headers: Mapping[str, str], body: bytes = b"") -> "IncomingRequest":
        """Parse a request target; header names must be lower case."""
        parts = urlsplit(target)
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        return cls(parts.path, pairs, headers, body)

    @property
    def betas(self) -> frozenset[str]:
        """The beta features that the request opts in to."""
        return frozenset(part.strip() for part in self.headers.get("anthropic-beta", "").split(","))

    @property
    def version(self) -> str | None:
        """The requested version of the API."""
        return self.headers.get("anthropic-version")

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise a 400 if there is a parameter that the endpoint does not have."""
        for name, _ in self.pairs:
            if name not in known and name not in IGNORED:
                raise ApiError(400, f"{name}: Extra inputs are not permitted")

    def values(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for other, value in self.pairs if other == name]

    def value(self, name: str) -> str | None:
        """The value of a parameter that may be given once."""
        values = self.values(name)
        if len(values) > 1:
            raise ApiError(400, f"{name}: given more than once")
        return values[0] if values else None

    def required(self, name: str) -> str:
        """The value of a parameter that must be given once."""
        value = self.value(name)
        if value is None:
            raise ApiError(400, f"{name}: Field required")
        return value

    def limit(self, limit: Limit) -> int:
        """The page size."""
        text = self.value("limit")
        if text is None:
            return limit.usual
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise ApiError(400, "limit: Input should be an integer greater than or equal to 1")
        if int(text) > limit.most:
            raise ApiError(400, f"limit: Input should be less than or equal to {limit.most}")
        return int(text)

    def flag(self, name: str) -> bool:
        """A boolean parameter; false by default."""
        text = self.value(name)
        if text is not None and text not in FLAGS:
            raise ApiError(400, f"{name}: Input should be a valid boolean")
        return FLAGS[text] if text else False

    def moment(self, name: str) -> datetime | None:
        """An optional RFC 3339 timestamp, in UTC."""
        text = self.value(name)
        return None if text is None else _moment(name, text)

    def day(self, name: str) -> date:
        """A required calendar day."""
        text = self.required(name)
        if not DAY.fullmatch(text):
            raise ApiError(400, f"{name}: Invalid date format. Expected YYYY-MM-DD")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ApiError(400, f"{name}: Not a day of the calendar") from None

    def chosen(self, name: str, allowed: Collection[str] | None) -> list[str]:
        """All values of a parameter, each of which must be allowed; None allows everything."""
        values = self.values(name)
        for value in values:
            if allowed is not None and value not in allowed:
                raise ApiError(400, f"{name}: Input should be one of {', '.join(sorted(allowed))}")
        return values

    def choice(self, name: str, allowed: Collection[str], usual: str) -> str:
        """A single value out of a set."""
        if self.value(name) is None:
            return usual
        return self.chosen(name, allowed)[0]

    def fingerprint(self) -> str:
        """Identifies the query that a page token belongs to: all parameters but the token."""
        return repr(
            (self.path, sorted(pair for pair in self.pairs if pair[0] not in {"page", *IGNORED}))
        )


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in text.upper():
        raise ApiError(400, f"{name}: Input should be an RFC 3339 timestamp with a time zone")
    return moment.astimezone(UTC)
