"""Endpoints that answer one day a request: every record of every page is of that day."""

from collections.abc import Iterator
from datetime import date

from msgspec import Raw, Struct

from claude_admin_lake.days import ONE_DAY, DayRange

from . import DayRecords, batches


class OneDay(Struct, frozen=True):
    """The day is requested by one parameter, as `YYYY-MM-DD`, or as a range whose exclusive end is
    the parameter `end`."""

    parameter: str = "starting_at"
    end: str | None = None
    width: str = "1d"
    common: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()

    def days_per_request(self, limit: int | None) -> int:  # noqa: ARG002 - always one
        return 1

    def parameters(self, days: DayRange) -> list[tuple[str, str]]:
        end = [(self.end, str(days.last + ONE_DAY))] if self.end else []
        return [(self.parameter, str(days.first)), *end]

    def days(
        self,
        asked: DayRange,
        pages: Iterator[list[Raw]],
        required_through: date,  # noqa: ARG002 - a day without records is an empty answer
    ) -> Iterator[DayRecords]:
        yield DayRecords(asked.first, batches({}, pages))
