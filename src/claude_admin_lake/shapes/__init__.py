"""How a dated endpoint is asked for days, and how its pages become days.

A shape is one object that a table's declaration names. It knows how many days one request
answers, which parameters ask for them, what width the recorded query has, and which of a page's
records belong to which day. Pure: it neither sends nor stores.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, Protocol

from msgspec import Raw

from claude_admin_lake.days import DayRange

Common = dict[str, Raw]
"""Fields that the API sends once for several records, and that each row repeats."""

BATCH = 100
"""Records worked on at once: many, so that few calls do, and so few that they stay in the
processor's cache."""


class Batch(NamedTuple):
    """Some records of one day, and the fields that all of them get."""

    common: Common
    records: list[Raw]


class DayRecords(NamedTuple):
    """One day of a read; `batches` must be consumed before the next day is taken."""

    day: date
    batches: Iterator[Batch]


class Shape(Protocol):
    """How one kind of dated endpoint works."""

    @property
    def width(self) -> str:
        """The width of what a record covers, as the recorded query names it: `1d` or `1h`."""

    @property
    def common(self) -> tuple[str, ...]:
        """The names of the common fields that every record gets."""

    @property
    def wrappers(self) -> tuple[str, ...]:
        """The objects of a record whose fields are stored without their name. If two have a field
        of the same name, the first one's keeps it."""

    def days_per_request(self, limit: int | None) -> int:
        """How many days one request answers if the page limit is `limit`."""

    def parameters(self, days: DayRange) -> list[tuple[str, str]]:
        """The parameters that ask for these days."""

    def days(
        self, asked: DayRange, pages: Iterator[list[Raw]], required_through: date
    ) -> Iterator[DayRecords]:
        """The days of a read, oldest first.

        Raises BadAnswer if the pages break what the API promises: a day that was not asked for,
        days out of order, or a missing day up to `required_through`.
        """


def batches(common: Common, chunks: Iterable[list[Raw]]) -> Iterator[Batch]:
    """Lists of records, cut into batches."""
    for records in chunks:
        for at in range(0, len(records), BATCH):
            yield Batch(common, records[at : at + BATCH])
