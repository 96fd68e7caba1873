"""The work of one run: reads all tables in turn; failed reads go to the end of the queue."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from msgspec.structs import replace

from claude_admin_lake.errors import (
    LoaderError,
    OutOfTime,
    RunError,
    StateError,
    Unexpected,
    stack_of,
)
from claude_admin_lake.lake.keys import Keys
from claude_admin_lake.plan.accept import offer
from claude_admin_lake.plan.cursor import Cursor, not_ahead
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.served import question
from claude_admin_lake.plan.table_plan import TablePlan
from claude_admin_lake.source.reader import Reader
from claude_admin_lake.tables import IDENTITY

from .context import RunContext
from .load_runs import write_load_runs
from .missing import idle_lag, look_for_gaps
from .outcome import Outcome, Status
from .planning import plan_for
from .result import Result
from .table_run import TableRun
from .trouble import PAUSE_SECONDS, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from claude_admin_lake.plan.read import Read
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.source.steps import Answered
    from claude_admin_lake.state import Lease
    from claude_admin_lake.tables import Table

    from .services import Services

_log = logging.getLogger(__name__)
_GIVEN_UP_EARLIER = "given up by earlier invocations of this load, whose load_runs have the reason"


class Loading:
    """One run that holds the lease."""

    def __init__(
        self, run_id: str, request: Request, services: Services, lease: Lease, me: Answered
    ) -> None:
        self._request, self._services = request, services
        answered = {services.tables[IDENTITY].path: me}
        self._context = RunContext(
            run_id=run_id,
            now=services.api.now,
            api_version=services.settings.api_version,
            keys=Keys(request.organization),
            reader=Reader(services.api, services.settings, services.tables, answered),
            lake=services.lake,
            state=services.state,
            lease=lease,
            clock=services.clock,
            deadline=services.deadline,
            progress=services.progress,
            trouble=Trouble(),
            optional=request.optional,
        )
        self._outcomes: list[Outcome] = []
        self._begun: dict[str, TableRun] = {}
        self._queue: deque[tuple[Outcome, Sequence[Read]]] = deque()
        self._began = services.api.now()
        self._hopeless = False
        self._stop: tuple[Status, str] | None = None
        if isinstance(me.error, OutOfTime):
            self._stop = (Status.UNFINISHED, f"time ran out at {IDENTITY}: {me.error}")

    def result(self) -> Result:
        """Load the tables and write the report, even if tables fail."""
        self._sweep()
        for table in self._long_tables_last():
            outcome = self._begin(table)
            self._outcomes.append(outcome)
            self._turn(outcome, [*outcome.plan.reads()])
        self._queue += [(one, [*one.plan.retries()]) for one in self._outcomes]
        while self._queue:
            self._turn(*self._queue.popleft())
        for outcome in self._outcomes:
            self._end(outcome)
        return self._report()

    def _long_tables_last(self) -> list[Table]:
        """The tables in order; those with a listing for each parent last, as time may run out."""
        tables = [self._services.tables[name] for name in self._request.tables]
        return sorted(tables, key=lambda table: table.parent is not None)

    def _sweep(self) -> None:
        """Leftovers of a killed run are harmless; a later run removes them."""
        try:
            self._services.lake.sweep()
        except LoaderError as error:
            _log.warning("unfinished uploads could not be removed: %s", error)

    def _begin(self, table: Table) -> Outcome:
        """Plan the table. Without a plan, the outcome has the reason."""
        found = cursor = Cursor()
        now = self._services.clock.now()
        asked = question(table, self._services.settings, self._request.now)
        last = min(self._context.today(), self._request.now.date())
        plan = TablePlan(table=table, question=asked, complete_through=last)
        why = self._stop[1] if self._stop and self._stop[0] is Status.FAILED else None
        try:
            if table.days:
                found = self._services.state.cursor(table.name)
                cursor = self._corrected(table, found)
            if self._hopeless or not why:
                plan, why = plan_for(table, self._request, self._services, cursor), None
                if cursor != found:  # what is stored may be from before the days were over
                    plan = replace(plan, stored=frozenset())
        except LoaderError as error:
            why = why or str(error)
        outcome = Outcome(plan, self._request.mode, now, found, cursor)
        outcome.pulled_back = cursor != found
        if why:
            outcome.planned = False
            outcome.add_error(Status.FAILED, f"not begun: {why}")
            return outcome
        outcome.due, outcome.given_up = [*plan.reads(), *plan.retries()], plan.given_up
        if outcome.given_up:
            outcome.add_error(Status.FAILED, _GIVEN_UP_EARLIER, outcome.failed)
        self._begun[table.name] = TableRun(outcome, self._context)
        return outcome

    def _corrected(self, table: Table, found: Cursor) -> Cursor:
        """The cursor, moved back if it is beyond yesterday."""
        cursor = not_ahead(found, self._context.today())
        if cursor != found:
            _log.warning(
                "the cursor of %s was at %s, which is not over yet; %s",
                table.name, found.date or found.reload_through,
                f"it continues after {cursor.date}" if cursor.date else "it is reloaded",
            )  # fmt: skip
            if self._request.mode is Mode.INCREMENTAL:
                self._services.state.move(table.name, cursor, self._context.lease, back=True)
        return cursor

    def _turn(self, outcome: Outcome, reads: Sequence[Read]) -> None:
        """Do some reads of a table; the rest goes to the end of the queue."""
        if self._stop or not reads or not outcome.due:
            return
        begun = self._services.clock.elapsed()
        if later := self._load(outcome, reads):
            self._queue.append((outcome, later))
        outcome.finished = self._services.clock.now()
        outcome.seconds += self._services.clock.elapsed() - begun
        if outcome.status is Status.UNFINISHED:
            self._stop = (Status.UNFINISHED, f"time ran out at {outcome.table}")
        elif self._context.trouble.hopeless and self._any_due:
            self._hopeless = True
            self._stop = (Status.FAILED, f"too many failures in a row, the last at {outcome.table}")

    @property
    def _any_due(self) -> bool:
        names = {one.table for one in self._outcomes}
        return any(one.due for one in self._outcomes) or names != {*self._request.tables}

    def _load(self, outcome: Outcome, reads: Sequence[Read]) -> list[Read]:
        later: list[Read] = []

        def load() -> None:
            if self._context.trouble.lasting:
                self._services.deadline.wait(PAUSE_SECONDS, "the API to recover")
            later.extend(self._begun[outcome.table].load(reads))

        self._guarded(outcome, load)
        return later

    def _guarded(self, outcome: Outcome, action: Callable[[], None]) -> None:
        """Run an action for a table. Errors affect only this table, unless they end the run."""
        try:
            action()
        except OutOfTime as error:
            outcome.add_error(Status.UNFINISHED, error)
        except RunError as error:
            outcome.fail_table(error)
            self._stop = (Status.FAILED, f"the run ended at {outcome.table}")
        except LoaderError as error:
            outcome.fail_table(error)
        except Exception as error:  # noqa: BLE001 - a bug in one table must not cost the others
            _log.error("unexpected error: %s", stack_of(error), extra={"table": outcome.table})
            outcome.fail_table(Unexpected(error))

    def _end(self, outcome: Outcome) -> None:
        """Record what was not done, and check whether days are missing."""
        if self._stop and outcome.due and outcome.status is not Status.UNFINISHED:
            state = "not finished" if outcome.finished else "not begun"
            outcome.add_error(self._stop[0], f"{state}: {self._stop[1]}")
        if outcome.refused and outcome.mode is Mode.INCREMENTAL:
            advice = offer(self._request.organization, outcome.table, outcome.refused)
            outcome.add_error(Status.FAILED, advice)
        outcome.finished = outcome.finished or self._services.clock.now()
        if outcome.table not in self._begun:
            return
        if self._hopeless or not (self._stop and self._stop[0] is Status.FAILED):
            self._guarded(outcome, self._begun[outcome.table].move_cursor)
            self._guarded(outcome, lambda: look_for_gaps(outcome, self._services.lake))

    def _report(self) -> Result:
        result = Result(
            self._context.run_id,
            self._request,
            tuple(self._outcomes),
            self._began,
            stopped=self._hopeless,
        )
        try:
            write_load_runs(result, self._context)
        except LoaderError as error:
            _log.error("the report of this run could not be written: %s", error)
            result = replace(result, report_error=str(error))
        try:
            return replace(result, idle_lag=idle_lag(self._request, self._services, self._began))
        except StateError as error:
            _log.warning("the lag of other tables is unknown: %s", error)
            return replace(result, idle_lag=None)
