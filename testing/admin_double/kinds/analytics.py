"""The analytics endpoints: flat rows of any grouping, paged by row, over moving data."""

from dataclasses import dataclass

from admin_double.analytics.breakdown import Breakdown, parse
from admin_double.analytics.entries import usage_entry
from admin_double.analytics.measures import Measure
from admin_double.analytics.units import Summing, Unit
from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.kinds.chain import TokenChain
from admin_double.movement import Move
from admin_double.paging import BY_TOKEN, ResponsePage
from admin_double.request import Limit
from admin_double.spend import Usage
from admin_double.wire import DAY, midnight, stamp

ROW_LIMIT = Limit(20, 1000)


@dataclass(frozen=True, kw_only=True)
class AnalyticsReport:
    """A table of one measure, grouped by `group_by`. Requests may group in any way."""

    measure: Measure
    group_by: tuple[str, ...]
    parted_by: PartedBy = PartedBy.DAY

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for."""
        breakdown, summing = parse(call, self.measure), self._summing(call.contents, call.table)
        if call.request.value("page") is not None:
            self._move(call, breakdown, summing)
        units = summing.units(breakdown)
        return TokenChain(
            call=call,
            limit=call.request.limit(ROW_LIMIT),
            count=len(units),
            items=lambda first, end: _rows(units[first:end], breakdown),
            days=lambda first, end: [unit.day for unit in units[first:end]],
            envelope=BY_TOKEN,
            extra={"data_refreshed_at": self._refreshed_at(call.contents)},
        ).page()

    def truth(self, truth: Truth) -> Rendered:
        """The rows of a day in daily buckets, largest first."""
        start = midnight(truth.day)
        group_by = self.group_by if truth.group_by is None else tuple(truth.group_by)
        breakdown = Breakdown(start=start, end=start + DAY, width=DAY, group_by=group_by)
        summing = self._summing(truth.contents, truth.table)
        return _rows(summing.units(breakdown), breakdown)

    def _summing(self, contents: Contents, table: str) -> Summing:
        return Summing(
            contents=contents, table=table, measure=self.measure, own_group_by=self.group_by
        )

    def _refreshed_at(self, contents: Contents) -> str | None:
        says = contents.switches.says_refreshed_at
        return stamp(contents.refreshed_at()) if says else None

    def _move(self, call: Call, breakdown: Breakdown, summing: Summing) -> None:
        """Carry out the next planned move, in a row that an earlier page has served."""
        move = call.contents.movements.due(call.table)
        if move is None:
            return
        if move.change == "refreshed":
            call.contents.movements.refresh(move)
            return
        for unit in summing.units(breakdown):
            if self._moved(call.contents, move, unit, breakdown, summing):
                return

    def _moved(
        self,
        contents: Contents,
        move: Move,
        unit: Unit,
        breakdown: Breakdown,
        summing: Summing,
    ) -> bool:
        """Carry out a move if the unit consists of usage; replaced rows do not."""

        def served(used: Usage) -> bool:
            entry = usage_entry(contents, used)
            return unit.group in summing.groups(entry, breakdown)

        usages = contents.rows("usages", unit.day, contents.age(unit.day))
        found = next((used for used in usages if served(used)), None)
        if found is None:
            return False
        contents.movements.happen(move, unit.day, found.workspace_id, served)
        return True


def _rows(units: list[Unit], breakdown: Breakdown) -> Rendered:
    kept = (unit for unit in units if not (breakdown.without_deleted and unit.deleted))
    return [row for unit in kept for row in unit.rows]
