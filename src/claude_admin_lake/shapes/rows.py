"""Flat rows over a range of days, ordered by time: days span pages, and pages span days."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby, islice
from operator import itemgetter

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder

from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import BadAnswer

from . import BATCH, Batch, DayRecords
from .stamps import bounds, moment


class _Stamped(Struct):
    starting_at: Raw


_stamped = Decoder(_Stamped).decode


class TimeRows(Struct, frozen=True):
    """Each row states when its time bucket starts; a day without rows has no row at all."""

    max_days: int = 31
    width: str = "1d"
    common: tuple[str, ...] = ()

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
        rows = ((_day(row), row) for page in pages for row in page)
        due = iter(asked)
        for day, found in groupby(rows, key=itemgetter(0)):
            for empty in due:
                if empty == day:
                    break
                yield DayRecords(empty, iter(()))
            else:
                raise BadAnswer(f"the API sent a row of {day} out of order or out of {asked}")
            yield DayRecords(day, _batches(found))
        for empty in due:
            yield DayRecords(empty, iter(()))


def _batches(rows: Iterator[tuple[date, Raw]]) -> Iterator[Batch]:
    while records := [row for _, row in islice(rows, BATCH)]:
        yield Batch({}, records)


def _day(row: Raw) -> date:
    try:
        return moment(_stamped(row).starting_at).date()
    except (DecodeError, RecursionError) as error:
        raise BadAnswer(f"the API sent an invalid row: {error}") from error
