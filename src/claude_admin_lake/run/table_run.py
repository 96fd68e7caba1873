"""One table's part of a run: read, make rows, store, move the cursor."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import closing
from itertools import groupby, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from claude_admin_lake import VERSION
from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import (
    DataMoved,
    Forbidden,
    NotOffered,
    NotYet,
    OutOfTime,
    RequestRefused,
    SliceError,
    TableError,
)
from claude_admin_lake.plan.cursor import after_loading, next_days
from claude_admin_lake.plan.read import up_to
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.served import served_through
from claude_admin_lake.records.lines import LineMaker

from .day_writer import DayWriter
from .outcome import Status
from .retries import BAD_REQUEST, Later, Retries
from .slices import slices
from .snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from claude_admin_lake.plan.read import Read
    from claude_admin_lake.source.pages import Page
    from claude_admin_lake.source.steps import Fetched

    from .context import RunContext
    from .outcome import Outcome

_log = logging.getLogger(__name__)


class TableRun:
    """Loads one table according to its plan and records the result in the outcome."""

    def __init__(self, outcome: Outcome, context: RunContext) -> None:
        self._outcome, self._plan, self._context = outcome, outcome.plan, context
        self._lines = LineMaker(outcome.plan.table)
        facts = {
            "run-id": context.run_id,
            "loader": VERSION,
            "query": outcome.plan.question.query,
        }
        self._days = DayWriter(outcome, context, self._lines, facts)
        self._snapshot = Snapshot(outcome, context, self._lines, facts)
        self._retries = Retries(outcome, context.trouble)
        self._newest: date | None = None
        outcome.drift = self._lines.drift

    def load(self, reads: Sequence[Read]) -> list[Read]:
        """Do some of the table's reads, in order, and return those to be done later.

        Raises RunError if the whole run must end; every other error is in the outcome.
        """
        rest, later = deque(self._available(reads)), Later()
        try:
            self._go_through(rest, later)
            while rest and not (self._context.trouble.suspected or self._retries.pointless):
                self._go_through(rest, later)
        except NotYet as error:
            self._plan, self._newest = self._outcome.limit_to(error.newest), error.newest
            rest = deque(self._available(rest))
            _log.info("%s: %s", self._plan.table.name, error)
        except (Forbidden, NotOffered) as error:
            self._refused(error)
            return []
        except OutOfTime as error:
            self._outcome.add_error(Status.UNFINISHED, error)
        if self._retries.pointless:
            rest = self._retries.drop_from(rest)
        return self._available(later.with_rest(rest))

    def _available(self, reads: Iterable[Read]) -> list[Read]:
        """The reads without days that the API said it does not have yet."""
        return [*reads] if self._newest is None else up_to(self._newest, reads)

    def _go_through(self, rest: deque[Read], later: Later) -> None:
        """Take reads from `rest`; only one while the API or the lake seems to be down."""
        reads = [rest[0]] if self._context.trouble.suspected else [*rest]
        if not self._plan.table.days:
            try:
                reads = [self._snapshot.begin(rest[0])]
            except SliceError as error:
                later.add(self._retries.after(rest.popleft(), error))
                return
        fetch = self._context.reader.fetch(reads, self._outcome.meter, self._refusals)
        with closing(fetch) as fetched:
            for read, steps in groupby(fetched, key=attrgetter("read")):
                planned = rest[0]
                try:
                    self._load_read(read, self._counted(_pages(steps)))
                    self._outcome.due.remove(planned)
                except (SliceError, NotOffered) as error:
                    self._context.reader.abandon(read)
                    later.add(self._retries.after(planned, self._bad_request(error)))
                rest.popleft()
                if self._context.trouble.suspected or self._retries.pointless:
                    return

    def _bad_request(self, error: SliceError | NotOffered) -> SliceError:
        """The error of a read. A 400 for a beta table may mean that it is not offered; for one that
        the lake holds, that these days are refused. Raises NotOffered otherwise."""
        if isinstance(error, SliceError):
            return error
        refusal, table = error.__cause__, self._plan.table
        if not isinstance(refusal, RequestRefused) or refusal.status != BAD_REQUEST:
            raise error
        if not self._context.lake.holds(table):
            raise error
        return refusal

    @property
    def _refusals(self) -> frozenset[int]:
        """HTTP statuses of the table's first request that mean the API does not offer it."""
        first = self._is_optional and not self._outcome.meter.requests
        return self._plan.table.access.refusals if first else frozenset()

    @property
    def _is_optional(self) -> bool:
        return self._plan.table.name in self._context.optional

    def _refused(self, error: TableError) -> None:
        """Note that the API does not serve the table. If the lake holds any of it, that is
        `forbidden`: losing access to a loaded table must not go unnoticed."""
        table = self._plan.table
        unknown = isinstance(error, NotOffered) and not self._context.lake.holds(table)
        status = Status.NOT_OFFERED if self._is_optional and unknown else Status.FORBIDDEN
        self._outcome.due = []
        self._outcome.add_error(status, error)
        level = logging.WARNING if status is Status.FORBIDDEN else logging.INFO
        _log.log(level, "%s is %s: %s", table.name, status.value, error)

    def _load_read(self, read: Read, pages: Iterator[Page]) -> None:
        """Store the read's days. Complete days count even if a later one fails."""
        failure = None
        try:
            if read.days:
                pieces = slices(self._plan, read.days, pages, self._context.keys)
                for _ in self._days.store(pieces):
                    self._went_well()
            else:
                self._snapshot.store(pages)
                self._went_well()
        except (SliceError, TableError, OutOfTime) as error:
            failure = error
            if isinstance(error, DataMoved):
                self._outcome.must_be_read_again(read.days or ())
                self._context.progress(self._outcome)
        self.move_cursor()
        self._take_off_accepted()
        if failure:
            raise failure

    def _counted(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Yield the pages and note what they contain besides records."""
        for page in pages:
            self._outcome.repeated += page.repeated
            self._lines.drift.update(page.drift)
            if self._plan.table.paging.frontier:
                newest = served_through(page.frontier, self._context.now())
                self._outcome.plan = self._plan.until(newest)
            yield page

    def _went_well(self) -> None:
        self._retries.stored()
        self._context.progress(self._outcome)

    def move_cursor(self) -> None:
        """Move the cursor over the stored days, up to the first missing one."""
        one = self._outcome
        if one.mode is not Mode.INCREMENTAL:
            return
        asked = self._plan.question
        following = next_days(one.cursor, asked, stored=one.known, pending=one.pending)
        days = [*takewhile(lambda day: day <= one.plan.complete_through, following)]
        if not days:
            return
        moved = after_loading(one.cursor, asked, DayRange(days[0], days[-1]))
        self._context.check_lease()
        self._context.state.move(self._plan.table.name, moved, self._context.lease)
        one.cursor = moved

    def _take_off_accepted(self) -> None:
        """Remove days that were loaded after all from the accepted ones."""
        one = self._outcome
        loaded = one.cursor.accepted & one.done
        if loaded and not one.pulled_back:  # else the next daily run moves the cursor first
            moved = replace(one.cursor, accepted=one.cursor.accepted - loaded)
            self._context.check_lease()
            self._context.state.move(one.table, moved, self._context.lease)
            one.cursor = moved


def _pages(steps: Iterable[Fetched]) -> Iterator[Page]:
    """The pages of one read; raises the error that ended it, if any."""
    for step in steps:
        if step.error:
            raise step.error
        if step.page is None:
            return
        yield step.page
