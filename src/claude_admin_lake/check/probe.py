"""One request for each table: does the API answer, and with what?"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from claude_admin_lake.errors import (
    BadAnswer,
    Forbidden,
    LoaderError,
    NotOffered,
    RequestRefused,
    TooLarge,
)
from claude_admin_lake.plan.read import Read, days_per_read
from claude_admin_lake.run.outcome import Status
from claude_admin_lake.source.api import Meter
from claude_admin_lake.source.newest import not_yet
from claude_admin_lake.source.pages import Page, read_page
from claude_admin_lake.source.query import first_query

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from claude_admin_lake.days import DayRange
    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.run.services import Services
    from claude_admin_lake.settings import Settings
    from claude_admin_lake.source.steps import Answered
    from claude_admin_lake.tables import Table

_MOST_BYTES = 32 << 20
_record = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


def fields_of_record(record: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The fields of a record; empty if it is not an object."""
    try:
        return _record(record)
    except msgspec.DecodeError:
        return {}


class Probe(Struct, frozen=True, kw_only=True):
    """What a table's request found.

    `page` is None if the request failed, the table has no parent record to ask for, the answer is
    too large, or the requested days are too recent (`newest` is then the newest available day).
    """

    table: Table
    status: Status = Status.LOADED
    error: str | None = None
    page: Page | None = None
    asked: DayRange | None = None
    newest: date | None = None
    meter: Meter = field(default_factory=Meter)
    seconds: float = 0.0

    @property
    def has_more(self) -> bool:
        """Whether the API has more pages after this one."""
        return self.page is not None and self.page.next is not None


class Prober:
    """Asks for each table once, and for a parent table before the tables below it."""

    def __init__(
        self,
        services: Services,
        settings: Settings,
        plans: Mapping[str, TablePlan],
        optional: Collection[str],
        answered: Mapping[str, Answered],
    ) -> None:
        """`answered` has answers received earlier, by table name."""
        self._with, self._settings = services, settings
        self._plans, self._optional = plans, optional
        self._answered = answered
        self._probes: dict[str, Probe] = {}

    def probe(self, table: Table) -> Probe:
        """What the table's request found; the request is sent once."""
        if table.name not in self._probes:
            self._probes[table.name] = self._ask(table)
        return self._probes[table.name]

    def parents(self, table: Table) -> list[str]:
        """The ids of the parent records that the parent's page has; none without a parent."""
        page = self._parent(table).page if table.parent else None
        return [found for record in page.records if (found := _id_of(record))] if page else []

    def has_more_parents(self, table: Table) -> bool:
        """Whether the parent has further pages; False without a parent."""
        return table.parent is not None and self._parent(table).has_more

    def _parent(self, table: Table) -> Probe:
        assert table.parent
        return self.probe(self._with.tables[table.parent.table])

    def _ask(self, table: Table) -> Probe:
        parent_id = ""
        if table.parent:
            parent, ids = self._parent(table), self.parents(table)
            if parent.status is not Status.LOADED:
                why = f"{parent.table.name} is {parent.status.value}: {parent.error}"
                return Probe(table=table, status=parent.status, error=why)
            if not ids:
                return Probe(table=table)
            parent_id = ids[0]
        asked = self._newest_days(table)
        began, meter = self._with.clock.elapsed(), Meter()
        try:
            page = self._page(table, asked, parent_id, meter)
            found = Probe(table=table, page=page, asked=asked, newest=_newest(table, asked, page))
        except LoaderError as error:
            found = self._told(table, asked, error)
        seconds = self._with.clock.elapsed() - began - meter.wait_seconds
        return msgspec.structs.replace(found, meter=meter, seconds=seconds)

    def _newest_days(self, table: Table) -> DayRange | None:
        """The newest days that one request can answer."""
        plan = self._plans.get(table.name)
        if plan is None or not plan.ranges:
            return None
        last = plan.ranges[-1]
        return list(last.pieces(days_per_read(table)))[-1]

    def _page(self, table: Table, asked: DayRange | None, parent_id: str, meter: Meter) -> Page:
        if answered := self._answered.get(table.name):
            return answered.counted(meter)
        query = first_query(Read(table, asked), self._settings, parent_id)
        most = _MOST_BYTES if asked and len(asked) > 1 else None
        return self._with.api.get(query, partial(read_page, table.paging), meter, most)

    def _told(self, table: Table, asked: DayRange | None, error: LoaderError) -> Probe:
        """What an error says about the table."""
        if isinstance(error, TooLarge):
            return Probe(table=table, asked=asked)
        names_newest = table.days is not None and table.days.names_newest
        if asked and names_newest and (early := not_yet(asked, error)):
            return Probe(table=table, asked=asked, newest=early.newest)
        return Probe(table=table, asked=asked, status=self._status(table, error), error=str(error))

    def _status(self, table: Table, error: LoaderError) -> Status:
        status = 403 if isinstance(error, Forbidden) else getattr(error, "status", 0)
        absent = isinstance(error, NotOffered) or (
            isinstance(error, Forbidden | RequestRefused) and status in table.access.refusals
        )
        if absent and table.name in self._optional and not self._with.lake.holds(table):
            return Status.NOT_OFFERED
        if isinstance(error, Forbidden | NotOffered):
            return Status.FORBIDDEN
        return Status.FAILED


def _newest(table: Table, asked: DayRange | None, page: Page) -> date | None:
    """The newest day with a record on a page; None if it has none."""
    if table.days is None or asked is None:
        return None
    try:
        found = table.days.shape.days(asked, iter([page.records]), date.min)
        days = [one.day for one in found if sum(len(batch.records) for batch in one.batches)]
    except BadAnswer:
        return None
    return max(days, default=None)


def _id_of(record: msgspec.Raw) -> str:
    try:
        return _text(fields_of_record(record).get("id", msgspec.Raw(b'""')))
    except msgspec.DecodeError:
        return ""
