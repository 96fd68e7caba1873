"""A whole run: check, lease, plan, load table after table, report."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec.structs import replace

from claude_admin_lake.errors import InvalidInput, LoaderError, Unreachable
from claude_admin_lake.lake.keys import Keys
from claude_admin_lake.plan.accept import check_beginning
from claude_admin_lake.plan.cursor import Cursor, not_ahead
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.start import Start, disagreement, start_of
from claude_admin_lake.tables import IDENTITY

from . import identity
from .loading import Loading
from .notes import noted
from .planning import plan_for
from .result import Result
from .staging import Staging

if TYPE_CHECKING:
    from claude_admin_lake.clock import Clock
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.source.steps import Answered
    from claude_admin_lake.state import Lease

    from .services import Services

_log = logging.getLogger(__name__)
_FOREVER = datetime.max.replace(tzinfo=UTC)


def new_run_id(clock: Clock) -> str:
    """A unique run id; ids sort by time."""
    return f"{clock.now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"


def execute(
    run_id: str, request: Request, services: Services, *, owner: str | None = None
) -> Result:
    """Carry out the request and return the result.

    `owner` identifies the lease's owner, by default the run; a repeated attempt by the same owner
    takes over the lease of a killed one.

    Raises InvalidInput, CredentialError, WrongOrganization, LakeUnavailable or StateError if the
    run cannot begin; later errors are in the result.
    """
    _check(request, services)
    lease = _lease(owner or run_id, services)
    if lease is None:
        _log.info("another run is active")
        return Result(run_id, request, busy=True)
    try:
        me = _whose_key(request, services, lease)
        request = replace(request, now=min(request.now, services.api.now()))
        start, notes = _keep_start(request, services, lease)
        _keep_accepted(request, services, lease)
        result = Loading(run_id, request, _starting_at(start, services), lease, me).result()
        if request.mode is Mode.BACKFILL:
            return result
        return replace(result, start=start.day, notes=notes)
    finally:
        _release(services, lease)


def _whose_key(request: Request, services: Services, lease: Lease) -> Answered:
    """Ask for the key's organization. Raises WrongOrganization if it is not the lake's."""
    me = identity.ask(services.tables[IDENTITY], services.api, services.settings)
    forget = partial(_forget_snapshots, request, services, lease)
    identity.confirm(me, request, services.state, lease, services.credentials.name, forget)
    return me


def _forget_snapshots(request: Request, services: Services, lease: Lease) -> None:
    """Let no snapshot continue, or carry rows over from, one of another organization."""
    keys, now = Keys(request.organization), services.clock.now()
    for table in services.tables.values():
        if table.days is None:
            Staging(table, services.lake, keys, lease, now).forget()
            if table.parent and table.parent.named_in:
                services.state.keep_read_day(table.name, date.min, lease)


def _keep_start(
    request: Request, services: Services, lease: Lease
) -> tuple[Start, tuple[str, ...]]:
    """The first day of the lake, which an incremental run records, and notes about it."""
    known = services.state.start()
    start = start_of(known, request.since, services.settings)
    if request.mode is not Mode.INCREMENTAL:
        return start, ()
    note = disagreement(known, start, services.settings)
    if start != known:
        services.state.keep_start(start, lease)
    return start, noted(note)


def _keep_accepted(request: Request, services: Services, lease: Lease) -> None:
    """Record the days that the operator gives up."""
    for table, days in request.accept.items():
        cursor = services.state.cursor(table)
        accepted = replace(cursor, accepted=cursor.accepted | days)
        services.state.move(table, accepted, lease)


def _starting_at(start: Start, services: Services) -> Services:
    """The services of a run whose tables begin at `start`."""
    return replace(services, settings=replace(services.settings, start_date=start.day))


def _release(services: Services, lease: Lease) -> None:
    """Release the lease. If that fails, it expires; what was loaded is not affected."""
    try:
        services.state.release(lease)
    except LoaderError as error:
        _log.warning("the lease could not be released and has to expire: %s", error)


def plan_all(request: Request, services: Services) -> list[TablePlan]:
    """What a run would read, without asking the API anything. Raises as `execute` does."""
    _check(request, services)
    services = _starting_at(
        start_of(services.state.start(), request.since, services.settings), services
    )
    today = services.clock.now().date()

    def cursor(name: str) -> Cursor:
        return not_ahead(services.state.cursor(name), today)

    return [
        plan_for(services.tables[name], request, services, cursor(name)) for name in request.tables
    ]


def try_key(request: Request, services: Services) -> dict[str, list[str]]:
    """Ask for the key's organization, for a dry run on a laptop; notes if the API is unreachable.

    Raises CredentialError or WrongOrganization as `execute` does.
    """
    try:
        me = identity.ask(services.tables[IDENTITY], services.api, services.settings)
    except Unreachable as error:
        return {"notes": [f"the key was not tried: {error}"]}
    identity.compare(me, request, services.state, services.credentials.name)
    return {}


def _check(request: Request, services: Services) -> None:
    """Before anything is written, check for what would stop the run."""
    start = services.settings.start_date
    if start > request.now.date():
        raise InvalidInput(f"START_DATE is '{start}'; must be today or earlier")
    services.credentials.account()
    services.lake.check()
    if services.state.identity() is None:
        services.lake.check_layout()
    first = start_of(services.state.start(), request.since, services.settings).day
    check_beginning(request.accept, first)


def _lease(owner: str, services: Services) -> Lease | None:
    now, left = services.clock.now(), services.deadline.invocation_left
    expires = _FOREVER if left is None else now + timedelta(seconds=left)
    return services.state.acquire(owner, now, expires)
