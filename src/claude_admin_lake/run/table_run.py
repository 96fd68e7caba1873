"""One table's part of a run: read, make rows, store, move the cursor."""

from __future__ import annotations

import logging
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake import VERSION
from claude_admin_lake.days import DayRange, intervals
from claude_admin_lake.errors import (
    Forbidden,
    LoaderError,
    NotOffered,
    NotYet,
    OutOfTime,
    SliceError,
    Superseded,
    TableError,
)
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.plan.cursor import after_loading
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.records.lines import LineMaker

from .outcome import Status
from .slices import slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from claude_admin_lake.clock import Clock
    from claude_admin_lake.lake import Lake
    from claude_admin_lake.lake.keys import Keys
    from claude_admin_lake.plan.table_plan import Read
    from claude_admin_lake.source.pages import Page
    from claude_admin_lake.source.reader import Fetched, Reader
    from claude_admin_lake.state import Lease, State

    from .outcome import Outcome
    from .slices import Slice

_log = logging.getLogger(__name__)


class Workplace(Struct, frozen=True, kw_only=True):
    """What the tables of one run share."""

    run_id: str
    now: Callable[[], datetime]
    """The real time, which the API's clock confirms."""
    api_version: str
    keys: Keys
    reader: Reader
    lake: Lake
    state: State
    lease: Lease
    clock: Clock
    progress: Callable[[Outcome], None]
    optional: frozenset[str] = frozenset()
    """The tables that the organization may not be offered."""

    def today(self) -> date:
        """The current UTC day."""
        return self.now().date()

    def check_lease(self) -> None:
        """Raise Superseded if the lease has run out: another run may have begun to write."""
        if self.clock.now() > self.lease.expires:
            raise Superseded("this run has outlived its lease")


class TableRun:
    """Loads one table as its plan says; how it went is told in the outcome."""

    def __init__(self, outcome: Outcome, at: Workplace) -> None:
        self._outcome, self._plan, self._at = outcome, outcome.plan, at
        self._lines = LineMaker(outcome.plan.table)
        self._facts = {"run-id": at.run_id, "loader": VERSION, "query": outcome.plan.question.query}
        self._cursor_stays = outcome.mode is not Mode.INCREMENTAL
        outcome.drift = self._lines.drift

    def load(self) -> None:
        """Go through the table's reads, oldest first.

        Raises RunError if the whole run must end; every other error is in the outcome.
        """
        refusals = self._plan.table.access.refusals if self._is_optional else frozenset[int]()
        fetch = self._at.reader.fetch(self._plan.reads(), self._outcome.meter, refusals)
        try:
            with closing(fetch) as fetched:
                for read, steps in groupby(fetched, key=attrgetter("read")):
                    try:
                        self._load_read(read, _pages(steps))
                    except SliceError as error:
                        self._fail(read, error)
        except NotYet as error:
            self._outcome.plan = self._plan.until(error.newest)
            _log.info("%s: %s", self._plan.table.name, error)
        except (Forbidden, NotOffered) as error:
            self._refused(error)
        except OutOfTime as error:
            self._outcome.went_wrong(Status.UNFINISHED, error)

    @property
    def _is_optional(self) -> bool:
        return self._plan.table.name in self._at.optional

    def _refused(self, error: TableError) -> None:
        """Note that the API does not serve the table. What was loaded before must not go missing
        unnoticed."""
        table = self._plan.table
        unknown = isinstance(error, NotOffered) and not self._at.lake.holds(table)
        status = Status.NOT_OFFERED if self._is_optional and unknown else Status.FORBIDDEN
        self._outcome.went_wrong(status, error)
        level = logging.WARNING if status is Status.FORBIDDEN else logging.INFO
        _log.log(level, "%s is %s: %s", table.name, status.value, error)

    def _load_read(self, read: Read, pages: Iterator[Page]) -> None:
        """Store the read's days. Those that are complete count, even if a later one fails."""
        failure = None
        try:
            for piece in slices(self._plan, read, pages, self._at.today, self._at.keys):
                self._store(piece)
        except (SliceError, TableError, OutOfTime) as error:
            failure = error
        if read.days:
            self._move_cursor(read.days)
        if failure:
            raise failure

    def _store(self, piece: Slice) -> None:
        packer = Packer(self._at.lake.upload(key, self._at.lease.fence) for key in piece.keys)
        self._lines.begin()
        try:
            for common, records in piece.batches:
                packer.add(self._lines.lines(records, common, piece.day))
            self._at.check_lease()
            published = packer.publish(self._facts)
        except LoaderError:
            packer.discard()
            raise
        self._outcome.read_on = piece.read_on
        self._outcome.stored(piece.day, packer.rows, packer.bytes, published)
        self._outcome.lacks(piece.day, self._lines.lost())
        self._at.progress(self._outcome)

    def _move_cursor(self, asked: DayRange) -> None:
        """Move the cursor over the days now stored, as far as none is left out."""
        last = self._outcome.done_through(asked)
        if self._cursor_stays or last is None:
            return
        cursor = self._outcome.cursor
        moved = after_loading(cursor, self._plan.question, DayRange(asked.first, last))
        if moved != cursor:
            self._at.check_lease()
            self._at.state.move(self._plan.table.name, moved, self._at.lease)
            self._outcome.cursor = moved

    def _fail(self, read: Read, error: SliceError) -> None:
        """Note a failed read. The cursor may not pass it: the next run begins before it again."""
        self._cursor_stays = True
        self._at.reader.abandon(read)
        failed = [day for day in read.days or () if day not in self._outcome.done]
        self._outcome.failed += failed
        where = f"{', '.join(intervals(failed))}: " if failed else ""
        self._outcome.went_wrong(Status.FAILED, error, failed)
        _log.error(
            "a read of %s failed: %s%s", read.table.name, where, error,
            extra={"table": read.table.name},
        )  # fmt: skip


def _pages(steps: Iterable[Fetched]) -> Iterator[Page]:
    """The pages of one read; raises what it ended with."""
    for step in steps:
        if step.error:
            raise step.error
        if step.page is None:
            return
        yield step.page
