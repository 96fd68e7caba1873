"""A request's query string, read strictly."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

from admin_double.errors import ApiError

# The API ignores it in silence, so that offset paging never ends.
IGNORED = frozenset({"offset"})
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Query:
    """A path, its ordered query pairs and the headers that change an answer."""

    path: str
    pairs: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]

    @classmethod
    def parse(cls, target: str, headers: Mapping[str, str]) -> "Query":
        parts = urlsplit(target)
        return cls(parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)), headers)

    def refuse_unknown(self, known: Collection[str]) -> None:
        for name, _ in self.pairs:
            if name not in known and name not in IGNORED:
                raise ApiError(400, f"{name}: Extra inputs are not permitted")

    def many(self, name: str) -> list[str]:
        return [value for other, value in self.pairs if other == name]

    def one(self, name: str) -> str | None:
        values = self.many(name)
        if len(values) > 1:
            raise ApiError(400, f"{name}: given more than once")
        return values[0] if values else None

    def required(self, name: str) -> str:
        value = self.one(name)
        if value is None:
            raise ApiError(400, f"{name}: Field required")
        return value

    def limit(self, usual: int, most: int) -> int:
        text = self.one("limit")
        if text is None:
            return usual
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise ApiError(400, "limit: Input should be an integer greater than or equal to 1")
        if int(text) > most:
            raise ApiError(400, f"limit: Input should be less than or equal to {most}")
        return int(text)

    def flag(self, name: str) -> bool:
        text = self.one(name)
        if text is not None and text not in FLAGS:
            raise ApiError(400, f"{name}: Input should be a valid boolean")
        return FLAGS[text] if text else False

    def moment(self, name: str) -> datetime | None:
        text = self.one(name)
        return None if text is None else _moment(name, text)

    def day(self, name: str) -> date:
        text = self.required(name)
        if not DAY.fullmatch(text):
            raise ApiError(400, f"{name}: Invalid date format. Expected YYYY-MM-DD")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ApiError(400, f"{name}: Not a day of the calendar") from None

    def chosen(self, name: str, allowed: Collection[str] | None) -> list[str]:
        values = self.many(name)
        for value in values:
            if allowed is not None and value not in allowed:
                raise ApiError(400, f"{name}: Input should be one of {', '.join(sorted(allowed))}")
        return values

    def bound(self) -> str:
        """What a page token is good for: everything but the token itself."""
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
