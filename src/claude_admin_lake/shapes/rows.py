"""Flat rows over a range of days, ordered by time: days span pages, and pages span days."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby, islice
from operator import itemgetter

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder

from claude_admin_lake.days import ONE_DAY, DayRange
from claude_admin_lake.errors import BadAnswer, DataMoved

from . import BATCH, Batch, DayRecords
from .stamps import bounds, moment


class _Group(Struct):
    actor: Raw = Raw(b"null")


class _Stamped(Struct):
    starting_at: Raw
    group: Raw = Raw()


_stamped = Decoder(_Stamped).decode
_group = Decoder(_Group).decode


class TimeRows(Struct, frozen=True):
    """Each row states when its time bucket starts; a day without rows has no row at all.

    A bucket has one row for each `group`, if rows have one. With `anonymous`, rows whose group has
    no actor are an exception: each may be of another identity that the API does not show.
    """

    max_days: int = 31
    width: str = "1d"
    common: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()
    anonymous: bool = False

    def days_per_request(self, limit: int | None) -> int:  # noqa: ARG002 - rows, not days
        return self.max_days

    def parameters(self, days: DayRange) -> list[tuple[str, str]]:
        return [
            *bounds(days),
            ("time_bucket_width", self.width),
            ("order_by", "time"),
            ("order", "asc"),
        ]

    def days(
        self,
        asked: DayRange,
        pages: Iterator[list[Raw]],
        required_through: date,  # noqa: ARG002 - a day without rows is an empty day
    ) -> Iterator[DayRecords]:
        rows = self._each_once((_stamp(row), row) for page in pages for row in page)
        due = asked.first
        for day, found in groupby(rows, key=itemgetter(0)):
            if not due <= day <= asked.last:
                raise DataMoved(f"the API sent a row of {day} out of order or out of {asked}")
            yield from _empty(DayRange(due, day - ONE_DAY))
            yield DayRecords(day, _batches(found))
            due = day + ONE_DAY
        yield from _empty(DayRange(due, asked.last))

    def _each_once(self, rows: Iterator[tuple[_Stamped, Raw]]) -> Iterator[tuple[date, Raw]]:
        """The rows with their days. Raises DataMoved for a row that its bucket already has."""
        bucket, seen = b"", set[bytes]()
        for stamp, row in rows:
            if bytes(stamp.starting_at) != bucket:
                bucket, seen = bytes(stamp.starting_at), set()
            group = bytes(stamp.group)
            if group in seen and not (self.anonymous and _is_anonymous(stamp.group)):
                raise DataMoved(f"the API sent a row of {bucket.decode()} twice: {group.decode()}")
            if group:
                seen.add(group)
            yield moment(stamp.starting_at).date(), row


def _empty(days: DayRange) -> Iterator[DayRecords]:
    return (DayRecords(day, iter(())) for day in days)


def _is_anonymous(group: Raw) -> bool:
    return bytes(_group(group).actor) == b"null"


def _batches(rows: Iterator[tuple[date, Raw]]) -> Iterator[Batch]:
    while records := [row for _, row in islice(rows, BATCH)]:
        yield Batch({}, records)


def _stamp(row: Raw) -> _Stamped:
    try:
        return _stamped(row)
    except (DecodeError, RecursionError) as error:
        raise BadAnswer(f"the API sent an invalid row: {error}") from error
