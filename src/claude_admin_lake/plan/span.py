"""What a load still has to read of a table, and its text in the event that continues it. Pure.

A range of days is written as `FIRST/LAST`, a snapshot as `snapshot`. ` tried N` is added if reading
has failed N times. Many scattered days are written as one range with ` only MASK`, a bit for each
of its days, so that the text stays short and still names exactly these days.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake import parsers
from claude_admin_lake.days import DayRange, ranges_of
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.parsers import refusal
from claude_admin_lake.tables import DATED, TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

MOST_TRIES = 3
"""Failed reads of a day, or of a snapshot, after which a load gives it up."""

_MOST_RANGES = 12
"""A longer list of ranges is written as a mask."""
_REMAINING = "the slices of an earlier result's remaining"
_SNAPSHOT, _ONLY, _TRIED = "snapshot", " only ", " tried "


class Span(Struct, frozen=True):
    """A range of days, or the snapshot, and how often its read has failed in this load."""

    days: DayRange | None
    tries: int = 0

    @property
    def given_up(self) -> bool:
        """Whether the load does not read it again."""
        return self.tries >= MOST_TRIES


Slices = Mapping[str, tuple[Span, ...]]
"""What is left of each table."""


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans with adjacent ranges joined, those with the fewest failures first."""
    by_tries = groupby(sorted(spans, key=attrgetter("tries")), key=attrgetter("tries"))
    return tuple(one for tries, group in by_tries for one in _joined(tries, list(group)))


def _joined(tries: int, spans: Sequence[Span]) -> Iterator[Span]:
    if any(one.days is None for one in spans):
        yield Span(None, tries)
        return
    for days in ranges_of(day for one in spans for day in one.days or ()):
        yield Span(days, tries)


def texts(spans: Iterable[Span]) -> list[str]:
    """The spans in the event's text form."""
    by_tries = groupby(merged(spans), key=attrgetter("tries"))
    return [text for tries, group in by_tries for text in _texts(tries, list(group))]


def _texts(tries: int, spans: Sequence[Span]) -> Iterator[str]:
    tried = f"{_TRIED}{tries}" if tries else ""
    ranges = [one.days for one in spans if one.days]
    if not ranges:
        yield _SNAPSHOT + tried
    elif len(ranges) > _MOST_RANGES:
        whole = DayRange(ranges[0].first, ranges[-1].last)
        yield f"{whole}{_ONLY}{_mask(whole, ranges)}{tried}"
    else:
        yield from (f"{days}{tried}" for days in ranges)


def _mask(whole: DayRange, ranges: Iterable[DayRange]) -> str:
    """A bit for each day of `whole`, the lowest for the first day, as base64."""
    bits = sum(1 << (day - whole.first).days for days in ranges for day in days)
    return urlsafe_b64encode(bits.to_bytes(len(whole) // 8 + 1, "little")).decode()


def read_slices(given: object, today: date) -> Slices:
    """The event's field. Raises InvalidInput that names the table."""
    if not isinstance(given, Mapping):
        raise refusal("slices", given, _REMAINING)
    order = parsers.choices("slices", tuple(given), TABLE_NAMES)
    return {name: _table_spans(name, given[name], today) for name in order}


def _table_spans(table: str, given: object, today: date) -> tuple[Span, ...]:
    name = f"slices.{table}"
    if not isinstance(given, list) or not given:
        raise refusal(name, given, _REMAINING)
    spans = [span for text in given for span in _spans(name, text, today)]
    if any((span.days is None) is (table in DATED) for span in spans):
        raise refusal(name, given, "FIRST/LAST" if table in DATED else _REMAINING)
    return merged(spans)


def _spans(name: str, text: object, today: date) -> tuple[Span, ...]:
    what, tried, tries = str(text).partition(_TRIED)
    if tried and not re.fullmatch("[1-9]", tries):
        raise InvalidInput(f"{name} has {text!r}; must end with{_TRIED}N")
    count = min(int(tries or 0), MOST_TRIES)
    if what == _SNAPSHOT:
        return (Span(None, count),)
    whole, _, mask = what.partition(_ONLY)
    first, slash, last = whole.partition("/")
    if not slash:
        raise InvalidInput(f"{name} has {text!r}; must be FIRST/LAST")
    days = DayRange(parsers.day(name, first), parsers.day(name, last))
    if not len(days) or days.last > today:
        raise InvalidInput(f"{name} has {text!r}; must be past days, the first one first")
    chosen = _masked(name, days, mask) if mask else days
    return tuple(Span(found, count) for found in ranges_of(chosen))


def _masked(name: str, days: DayRange, mask: str) -> list[date]:
    try:
        bits = int.from_bytes(urlsafe_b64decode(mask), "little")
    except ValueError as error:
        raise InvalidInput(f"{name} has the mask {mask!r}; must be base64") from error
    return [day for n, day in enumerate(days) if bits >> n & 1]
