"""Reports in time buckets of one width: a page holds buckets, a bucket holds records."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from operator import itemgetter

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder

from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import BadAnswer

from . import Batch, Common, DayRecords, batches
from .stamps import bounds, moment

_fields = Decoder(dict[str, Raw]).decode
_list = Decoder(list[Raw]).decode
_NULL = Raw(b"null")

Bucket = tuple[datetime, Common, list[Raw]]
"""When it starts, its own fields, and its records."""


class Buckets(Struct, frozen=True):
    """The API promises one bucket for each interval, empty ones included, oldest first, each
    whole in one page (Usage and Cost API reference)."""

    width: str = "1d"
    per_day: int = 1
    common: tuple[str, ...] = ("starting_at", "ending_at")
    wrappers: tuple[str, ...] = ()

    def days_per_request(self, limit: int | None) -> int:
        return max(1, (limit or 1) // self.per_day)

    def parameters(self, days: DayRange) -> list[tuple[str, str]]:
        return [*bounds(days), ("bucket_width", self.width)]

    def days(
        self, asked: DayRange, pages: Iterator[list[Raw]], required_through: date
    ) -> Iterator[DayRecords]:
        buckets = self._in_order(asked, pages, required_through)
        for first in buckets:
            rest = islice(buckets, self.per_day - 1)
            yield DayRecords(first[0].date(), _batches(chain([first], rest)))

    def _in_order(
        self, asked: DayRange, pages: Iterator[list[Raw]], required_through: date
    ) -> Iterator[Bucket]:
        """The buckets, checked so that none is missing, repeated or out of range."""
        step = timedelta(days=1) / self.per_day
        due = _midnight(asked.first)
        end = _midnight(asked.last) + timedelta(days=1)
        for page in pages:
            for raw in page:
                bucket = _bucket(raw)
                if bucket[0] != due or due >= end:
                    raise BadAnswer(f"the API sent the bucket of {bucket[0]} where {due} was due")
                yield bucket
                due += step
        if due < min(end, _midnight(required_through) + timedelta(days=1)):
            raise BadAnswer(f"the API sent no bucket for {due}")


def _batches(buckets: Iterable[Bucket]) -> Iterator[Batch]:
    for common, records in map(itemgetter(1, 2), buckets):
        yield from batches(common, [records])


def _bucket(raw: Raw) -> Bucket:
    try:
        common = _fields(raw)
        records = _list(common.pop("results", _NULL))
    except (DecodeError, RecursionError) as error:
        raise BadAnswer(f"the API sent an invalid bucket: {error}") from error
    return moment(common.get("starting_at", _NULL)), common, records


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
