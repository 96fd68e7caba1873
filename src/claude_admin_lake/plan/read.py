"""One chain of pages to be read, and what it becomes after a failure. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from claude_admin_lake.days import DayRange
from claude_admin_lake.tables import Table

from .place import Place
from .span import MOST_TRIES


class Read(Struct, frozen=True):
    """One chain of pages: a range of days that one request chain answers, or a snapshot.

    `tries` is how often it has failed in this load. `place` is where an earlier invocation stopped.
    """

    table: Table
    days: DayRange | None = None
    tries: int = 0
    place: Place = Place()

    @property
    def given_up(self) -> bool:
        """Whether the load does not read it again."""
        return self.tries >= MOST_TRIES

    def smaller(self, left: Sequence[date], *, alone: bool) -> list[Self]:
        """What to read instead if the days `left` were not stored: both halves, or each day
        `alone`; the same again if it cannot be smaller. Newest first, because the API may refuse
        the oldest days for good."""
        if not left:
            return [self]
        size = 1 if alone else (len(left) + 1) // 2
        pieces = DayRange(left[0], left[-1]).pieces(size)
        return [replace(self, days=one) for one in pieces][::-1]

    def failed_once_more(self) -> Self:
        """The read with one more failure."""
        return replace(self, tries=self.tries + 1)


def up_to(newest: date, reads: Iterable[Read]) -> list[Read]:
    """The reads without the days after `newest`."""
    cut = (
        replace(one, days=DayRange(one.days.first, min(one.days.last, newest)))
        for one in reads
        if one.days
    )
    return [one for one in cut if one.days]


def days_per_read(table: Table) -> int:
    """How many days one request can answer."""
    return table.days.shape.days_per_request(table.paging.limit) if table.days else 1
