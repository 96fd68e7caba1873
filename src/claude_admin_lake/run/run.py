"""A whole run: check, lease, plan, load table after table, report."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from claude_admin_lake.errors import (
    InvalidInput,
    LoaderError,
    OutOfTime,
    RunError,
    Unreachable,
    scrub,
)
from claude_admin_lake.lake.keys import Keys
from claude_admin_lake.plan.cursor import Cursor, not_ahead
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.start import Start, disagreement, start_of
from claude_admin_lake.plan.table_plan import (
    TablePlan,
    gaps,
    lag_days,
    plan_repair,
    plan_since,
    plan_table,
    question,
)
from claude_admin_lake.source.reader import Reader
from claude_admin_lake.tables import IDENTITY

from . import identity
from .load_runs import write_load_runs
from .notes import noted
from .outcome import Outcome, Result, Status
from .table_run import TableRun, Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_admin_lake.clock import Clock, Deadline
    from claude_admin_lake.lake import Lake
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.settings import Settings
    from claude_admin_lake.source.api import AdminApi
    from claude_admin_lake.source.credential import CredentialSource
    from claude_admin_lake.source.reader import Answered
    from claude_admin_lake.state import Lease, State
    from claude_admin_lake.tables import Table

_log = logging.getLogger(__name__)
_FOREVER = datetime.max.replace(tzinfo=UTC)


class Equipment(Struct, frozen=True, kw_only=True):
    """What a run works with, put together by `handler.wiring`."""

    settings: Settings
    tables: Mapping[str, Table]
    lake: Lake
    state: State
    credentials: CredentialSource
    api: AdminApi
    clock: Clock
    deadline: Deadline

    progress: Callable[[Outcome], None] = lambda _: None


def new_run_id(clock: Clock) -> str:
    """A name for a run that no other run has, in the order of time."""
    return f"{clock.now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"


def execute(
    run_id: str, request: Request, equipment: Equipment, *, owner: str | None = None
) -> Result:
    """Do what is asked, and say how it went.

    `owner` names who holds the lease; a further attempt by the same owner takes the lease over from
    one that was killed. By default, that is the run.

    Raises InvalidInput, CredentialError, WrongOrganization, LakeUnavailable or StateError if the
    run cannot begin; whatever goes wrong later is in the result.
    """
    _check(request, equipment)
    lease = _lease(owner or run_id, equipment)
    if lease is None:
        _log.info("another run is active")
        return Result(run_id, request, busy=True)
    try:
        me = _whose_key(request, equipment, lease)
        request = replace(request, now=min(request.now, equipment.api.now()))
        start, notes = _keep_start(request, equipment, lease)
        equipment = _from(start, equipment)
        result = _Run(run_id, request, equipment, lease, me).result()
        if request.mode is Mode.BACKFILL:
            return result
        return replace(result, start=start.day, notes=notes)
    finally:
        _release(equipment, lease)


def _whose_key(request: Request, equipment: Equipment, lease: Lease) -> Answered:
    """Ask whose key it is. Raises WrongOrganization if it is not the lake's organization's."""
    me = identity.ask(equipment.tables[IDENTITY], equipment.api, equipment.settings)
    identity.confirm(me, request, equipment.state, lease, equipment.credentials.name)
    return me


def _keep_start(
    request: Request, equipment: Equipment, lease: Lease
) -> tuple[Start, tuple[str, ...]]:
    """The first day of the lake, which an incremental run keeps, and what to tell of it."""
    known = equipment.state.start()
    start = start_of(known, request.since, equipment.settings)
    if request.mode is not Mode.INCREMENTAL:
        return start, ()
    note = disagreement(known, start, equipment.settings)
    if start != known:
        equipment.state.keep_start(start, lease)
    return start, noted(note)


def _from(start: Start, equipment: Equipment) -> Equipment:
    """The equipment of a run whose tables begin at `start`."""
    return replace(equipment, settings=replace(equipment.settings, start_date=start.day))


def _release(equipment: Equipment, lease: Lease) -> None:
    """Give the lease back. If that fails, it ends by itself; what was loaded is loaded."""
    try:
        equipment.state.release(lease)
    except LoaderError as error:
        _log.warning("the lease could not be given back and must run out: %s", error)


def plan_all(request: Request, equipment: Equipment) -> list[TablePlan]:
    """What a run would read, without asking the API anything. Raises as `execute` does."""
    _check(request, equipment)
    start = start_of(equipment.state.start(), request.since, equipment.settings)
    equipment = _from(start, equipment)
    today = equipment.clock.now().date()

    def cursor(name: str) -> Cursor:
        return not_ahead(equipment.state.cursor(name), today)

    return [
        _plan(equipment.tables[name], request, equipment, cursor(name)) for name in request.tables
    ]


def try_key(request: Request, equipment: Equipment) -> dict[str, list[str]]:
    """Ask the API whose key it is, for a dry run on a laptop; notes if it cannot be reached.

    Raises CredentialError or WrongOrganization as `execute` does.
    """
    try:
        me = identity.ask(equipment.tables[IDENTITY], equipment.api, equipment.settings)
    except Unreachable as error:
        return {"notes": [f"the key was not tried: {error}"]}
    identity.compare(me, request, equipment.state, equipment.credentials.name)
    return {}


def _check(request: Request, equipment: Equipment) -> None:
    """Find out before anything is written what would stop the run."""
    start = equipment.settings.start_date
    if start > request.now.date():
        raise InvalidInput(f"START_DATE is '{start}'; must be today or earlier")
    equipment.credentials.account()
    equipment.lake.check()
    if equipment.state.identity() is None:
        equipment.lake.check_layout()


def _lease(owner: str, equipment: Equipment) -> Lease | None:
    now, left = equipment.clock.now(), equipment.deadline.invocation_left
    expires = _FOREVER if left is None else now + timedelta(seconds=left)
    return equipment.state.acquire(owner, now, expires)


def _plan(table: Table, request: Request, equipment: Equipment, cursor: Cursor) -> TablePlan:
    if request.mode is Mode.REPAIR:
        present = equipment.lake.days(table)
        return plan_repair(table, request, equipment.settings, cursor, present)
    if request.since and table.days:
        present = equipment.lake.days(table)
        return plan_since(table, request, equipment.settings, cursor, present)
    return plan_table(table, request, equipment.settings, cursor)


class _Run:
    """One run that holds the lease."""

    def __init__(
        self, run_id: str, request: Request, with_: Equipment, lease: Lease, me: Answered
    ) -> None:
        self._request, self._with = request, with_
        self._at = Workplace(
            run_id=run_id,
            now=with_.api.now,
            api_version=with_.settings.api_version,
            keys=Keys(request.organization),
            reader=Reader(
                with_.api, with_.settings, with_.tables, {with_.tables[IDENTITY].path: me}
            ),
            lake=with_.lake,
            state=with_.state,
            lease=lease,
            clock=with_.clock,
            progress=with_.progress,
            optional=request.optional,
        )
        self._outcomes: list[Outcome] = []
        self._began = with_.api.now()
        self._stop: tuple[Status, str] | None = None
        if isinstance(me.error, OutOfTime):
            self._stop = (Status.UNFINISHED, f"time ran out at {IDENTITY}: {me.error}")

    def result(self) -> Result:
        """Load the tables in turn and report, whatever happens to them."""
        self._sweep()
        for name in self._request.tables:
            outcome = self._begin(self._with.tables[name])
            self._outcomes.append(outcome)
            if outcome.status is Status.LOADED:
                self._load(outcome)
            outcome.finished = self._with.clock.now()
        return self._report()

    def _sweep(self) -> None:
        """What a killed run left harms nobody; a later run can sweep it up."""
        try:
            self._with.lake.sweep()
        except LoaderError as error:
            _log.warning("unfinished uploads could not be swept up: %s", error)

    def _begin(self, table: Table) -> Outcome:
        """The table's plan, and the reason if there is no use in following it."""
        settings, now = self._with.settings, self._with.clock.now()
        found = cursor = Cursor()
        stop = self._stop
        plan = TablePlan(
            table=table, question=question(table, settings), complete_through=self._at.today()
        )
        try:
            if table.days:
                found = self._with.state.cursor(table.name)
                cursor = self._believed(table, found)
            if not (stop and stop[0] is Status.FAILED):
                plan = _plan(table, self._request, self._with, cursor)
        except LoaderError as error:
            stop = stop or (Status.FAILED, str(error))
        outcome = Outcome(plan, self._request.mode, now, found, cursor)
        outcome.pulled_back = cursor != found
        if stop:
            outcome.went_wrong(stop[0], f"not begun: {stop[1]}")
        return outcome

    def _believed(self, table: Table, found: Cursor) -> Cursor:
        """The cursor, pulled back if it is ahead of the time."""
        cursor = not_ahead(found, self._at.today())
        if cursor != found:
            _log.warning(
                "the cursor of %s was at %s, ahead of the time; %s",
                table.name, found.date or found.reload_through,
                f"it goes on from {cursor.date}" if cursor.date else "it is loaded from the start",
            )  # fmt: skip
            if self._request.mode is Mode.INCREMENTAL:
                self._with.state.move(table.name, cursor, self._at.lease, back=True)
        return cursor

    def _load(self, outcome: Outcome) -> None:
        try:
            TableRun(outcome, self._at).load()
            self._look_for_gaps(outcome)
        except RunError as error:
            outcome.went_wrong(Status.FAILED, error)
            self._stop = (Status.FAILED, f"the run ended at {outcome.table}")
        except LoaderError as error:
            outcome.went_wrong(Status.FAILED, error)
        except Exception as error:  # noqa: BLE001 - a bug in one table must not cost the others
            _log.exception("unexpected error", extra={"table": outcome.table})
            why = scrub(f"unexpected {type(error).__name__}: {error}")
            outcome.went_wrong(Status.FAILED, why)
        if outcome.status is Status.UNFINISHED:
            self._stop = (Status.UNFINISHED, f"time ran out at {outcome.table}")

    def _look_for_gaps(self, outcome: Outcome) -> None:
        """Days that should be in the lake by the cursor's word, and are not."""
        if not outcome.plan.table.days:
            outcome.gaps = []
        elif self._request.mode is not Mode.BACKFILL:
            start = self._with.settings.start_date
            outcome.gaps = gaps(outcome.cursor, start, self._with.lake.days(outcome.plan.table))

    def _idle_lag(self) -> int:
        """How far behind the tables are that this run was not asked to load: a run of some
        tables must not hide that another one has stopped."""
        settings, lags = self._with.settings, [0]
        for name in set(settings.tables) - set(self._request.tables):
            if self._with.tables[name].days:
                cursor = not_ahead(self._with.state.cursor(name), self._at.today())
                if cursor.date is None and name in settings.choice.optional:
                    continue  # perhaps it is not offered
                lags.append(lag_days(cursor, settings.start_date, self._began))
        return max(lags)

    def _report(self) -> Result:
        result = Result(self._at.run_id, self._request, tuple(self._outcomes), self._began)
        try:
            write_load_runs(result, self._at)
            return replace(result, idle_lag=self._idle_lag())
        except LoaderError as error:
            _log.error("the report of this run failed: %s", error)
            return replace(result, report_error=str(error))
