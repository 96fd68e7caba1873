"""One table's part of a run: read, make rows, store, move the cursor."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import closing
from datetime import date
from itertools import groupby, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from claude_admin_lake import VERSION
from claude_admin_lake.days import DayRange, intervals
from claude_admin_lake.errors import (
    DataMoved,
    Forbidden,
    LoaderError,
    NotOffered,
    NotYet,
    OutOfTime,
    RequestRefused,
    SliceError,
    TableError,
)
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.plan.cursor import after_loading, next_days
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.table_plan import served_through, up_to
from claude_admin_lake.records.lines import LineMaker

from .outcome import Status
from .slices import slices
from .snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from claude_admin_lake.plan.table_plan import Read
    from claude_admin_lake.source.pages import Page
    from claude_admin_lake.source.reader import Fetched

    from .context import RunContext
    from .outcome import Outcome
    from .slices import Slice

_log = logging.getLogger(__name__)

_BAD_REQUEST = 400
_MOST_VAIN_RETRIES = 20
"""Of a table, in a row. So many fail if the API refuses days for good, such as very old ones."""

_VAIN = f"not tried again, because {_MOST_VAIN_RETRIES} other reads had failed in a row"


class Later:
    """Collects what is to be read instead of failed reads."""

    def __init__(self) -> None:
        self._smaller: list[Read] = []
        self._same: list[Read] = []

    def add(self, reads: Sequence[Read]) -> None:
        """Add what replaces one read: smaller reads, or the same once more."""
        if len(reads) > 1:
            self._smaller += reads
        else:
            self._same += reads

    def with_rest(self, rest: Iterable[Read]) -> list[Read]:
        """All in order, with what was not come to because of trouble: smaller reads may work.

        Newest first, because the API may refuse the oldest days for good.
        """
        untried = [*rest]
        if untried:
            return [*self._smaller, *untried, *self._same]
        return sorted((*self._smaller, *self._same), key=_first_day, reverse=True)


class TableRun:
    """Loads one table as its plan says; how it went is told in the outcome."""

    def __init__(self, outcome: Outcome, at: RunContext) -> None:
        self._outcome, self._plan, self._at = outcome, outcome.plan, at
        self._lines = LineMaker(outcome.plan.table)
        self._facts = {"run-id": at.run_id, "loader": VERSION, "query": outcome.plan.question.query}
        self._snapshot = Snapshot(outcome, at, self._lines, self._facts)
        self._failed_in_a_row = 0
        self._errors: dict[Read, SliceError] = {}
        """Why the reads failed that are to be tried again."""
        outcome.drift = self._lines.drift

    def load(self, reads: Sequence[Read]) -> list[Read]:
        """Go through some of the table's reads, in order; what is to be read later, in order.

        Raises RunError if the whole run must end; every other error is in the outcome.
        """
        rest, later = deque(reads), Later()
        try:
            self._go_through(rest, later)
            while rest and not (self._at.trouble.suspected or self._retries_are_vain):
                self._go_through(rest, later)
        except NotYet as error:
            self._plan = self._outcome.only_until(error.newest)
            rest = deque(up_to(error.newest, rest))
            _log.info("%s: %s", self._plan.table.name, error)
        except (Forbidden, NotOffered) as error:
            self._refused(error)
            return []
        except OutOfTime as error:
            self._outcome.went_wrong(Status.UNFINISHED, error)
        if self._retries_are_vain:
            rest = self._without_retries(rest)
        return later.with_rest(rest)

    def _go_through(self, rest: deque[Read], later: Later) -> None:
        """Take reads from `rest`; only one of them while something seems to be down."""
        reads = [rest[0]] if self._at.trouble.suspected else [*rest]
        if not self._plan.table.days:
            try:
                reads = [self._snapshot.begin(rest[0])]
            except SliceError as error:
                later.add(self._again(rest.popleft(), error))
                return
        fetch = self._at.reader.fetch(reads, self._outcome.meter, self._refusals)
        with closing(fetch) as fetched:
            for read, steps in groupby(fetched, key=attrgetter("read")):
                planned = rest[0]
                try:
                    self._load_read(read, self._counted(_pages(steps)))
                    self._outcome.due.remove(planned)
                except SliceError as error:
                    self._at.reader.abandon(read)
                    later.add(self._again(planned, error))
                rest.popleft()
                if self._at.trouble.suspected or self._retries_are_vain:
                    return

    @property
    def _retries_are_vain(self) -> bool:
        return self._failed_in_a_row >= _MOST_VAIN_RETRIES

    @property
    def _refusals(self) -> frozenset[int]:
        """Statuses of the table's first request by which the API does not offer it."""
        first = self._is_optional and not self._outcome.meter.requests
        return self._plan.table.access.refusals if first else frozenset()

    @property
    def _is_optional(self) -> bool:
        return self._plan.table.name in self._at.optional

    def _refused(self, error: TableError) -> None:
        """Note that the API does not serve the table. What was loaded before must not go missing
        unnoticed."""
        table = self._plan.table
        unknown = isinstance(error, NotOffered) and not self._at.lake.holds(table)
        status = Status.NOT_OFFERED if self._is_optional and unknown else Status.FORBIDDEN
        self._outcome.due = []
        self._outcome.went_wrong(status, error)
        level = logging.WARNING if status is Status.FORBIDDEN else logging.INFO
        _log.log(level, "%s is %s: %s", table.name, status.value, error)

    def _load_read(self, read: Read, pages: Iterator[Page]) -> None:
        """Store the read's days. Those that are complete count, even if a later one fails."""
        failure = None
        try:
            if read.days:
                for piece in slices(self._plan, read.days, pages, self._at.keys):
                    if self._is_due(piece.day):
                        self._store(piece)
                    else:
                        deque(piece.batches, maxlen=0)
            else:
                self._snapshot.store(pages)
                self._went_well()
        except (SliceError, TableError, OutOfTime) as error:
            failure = error
            if isinstance(error, DataMoved):
                self._outcome.must_be_read_again(read.days or ())
        self.move_cursor()
        self._take_off_accepted()
        if failure:
            raise failure

    def _counted(self, pages: Iterator[Page]) -> Iterator[Page]:
        """The pages; what they say besides their records is noted."""
        for page in pages:
            self._outcome.repeated += page.repeated
            self._lines.drift.update(page.drift)
            if self._plan.table.paging.frontier:
                newest = served_through(page.frontier, self._at.now())
                self._outcome.plan = self._plan.until(newest)
            yield page

    def _is_due(self, day: date) -> bool:
        """Whether a day is stored: complete ones are, and others if that was asked for."""
        plan = self._outcome.plan
        return plan.partial or day <= plan.complete_through

    def _store(self, piece: Slice) -> None:
        labels = self._plan.table.labels
        upload = self._at.lake.upload(piece.key, self._at.lease.fence, labels)
        packer = Packer([upload], labels)
        self._lines.begin()
        try:
            for common, records in piece.batches:
                packer.add(self._lines.lines(records, common, piece.day))
            self._at.check_lease()
            published = packer.publish(self._facts)
        except LoaderError:
            packer.discard()
            raise
        self._outcome.stored(piece.day, packer.rows, packer.bytes, published)
        self._outcome.lacks(piece.day, self._lines.lost())
        self._went_well()

    def _went_well(self) -> None:
        self._at.trouble.stored()
        self._failed_in_a_row = 0
        self._at.progress(self._outcome)

    def move_cursor(self) -> None:
        """Move the cursor over the days now stored, as far as none is left out."""
        one = self._outcome
        if one.mode is not Mode.INCREMENTAL:
            return
        asked = self._plan.question
        following = next_days(one.cursor, asked, stored=one.known, pending=one.pending)
        days = [*takewhile(lambda day: day <= one.plan.complete_through, following)]
        if not days:
            return
        moved = after_loading(one.cursor, asked, DayRange(days[0], days[-1]))
        self._at.check_lease()
        self._at.state.move(self._plan.table.name, moved, self._at.lease)
        one.cursor = moved

    def _take_off_accepted(self) -> None:
        """A day that could be loaded after all is not given up any longer."""
        one = self._outcome
        loaded = one.cursor.accepted & one.done
        if loaded:
            moved = replace(one.cursor, accepted=one.cursor.accepted - loaded)
            self._at.check_lease()
            self._at.state.move(one.table, moved, self._at.lease)
            one.cursor = moved

    def _again(self, read: Read, error: SliceError) -> list[Read]:
        """What to read instead of a failed read; what has failed too often is given up."""
        one, trouble = self._outcome, self._at.trouble
        trouble.failed(error)
        self._failed_in_a_row += 1 if read.tries else 0
        left = [day for day in read.days or () if day not in one.done]
        _log.warning("a read of %s failed: %s%s", one.table, _named(left), error)
        smaller = read.smaller(left, alone=error.alone)
        if len(smaller) > 1:
            smaller = [piece if piece.tries else piece.failed_once_more() for piece in smaller]
        elif not trouble.lasting or not read.tries:
            smaller = [piece.failed_once_more() for piece in smaller]
        one.due.remove(read)
        again = [piece for piece in smaller if not piece.given_up]
        one.due += again
        self._errors |= dict.fromkeys(again, error)
        self._give_up([piece for piece in smaller if piece.given_up], error)
        return again

    def _without_retries(self, reads: Iterable[Read]) -> deque[Read]:
        """Give up those of the reads that are retries."""
        given_up = [read for read in reads if read.tries]
        self._outcome.due = [read for read in self._outcome.due if read not in given_up]
        for read in given_up:
            self._give_up([read], self._errors.get(read, _VAIN))
        return deque(read for read in reads if not read.tries)

    def _give_up(self, reads: Sequence[Read], error: object) -> None:
        """Note reads that failed for good. The cursor may not pass their days."""
        one = self._outcome
        for read in reads:
            left = [day for day in read.days or () if day not in one.done]
            one.given_up.append(read)
            if isinstance(error, RequestRefused) and error.status == _BAD_REQUEST:
                one.refused.update(left)
            one.went_wrong(Status.FAILED, error, left)
            _log.error(
                "%s is given up: %s%s", one.table, _named(left), error, extra={"table": one.table}
            )


def _first_day(read: Read) -> date:
    return read.days.first if read.days else date.min


def _named(days: Iterable[date]) -> str:
    found = intervals(days)
    return f"{', '.join(found)}: " if found else ""


def _pages(steps: Iterable[Fetched]) -> Iterator[Page]:
    """The pages of one read; raises what it ended with."""
    for step in steps:
        if step.error:
            raise step.error
        if step.page is None:
            return
        yield step.page
