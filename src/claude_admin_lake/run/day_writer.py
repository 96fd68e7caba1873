"""Writes the days of a table, one object each."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from claude_admin_lake.errors import LoaderError
from claude_admin_lake.lake import Watch
from claude_admin_lake.lake.packing import Packer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from claude_admin_lake.records.lines import LineMaker

    from .context import RunContext
    from .outcome import Outcome
    from .slices import Slice

_NEW = timedelta(days=2)
"""A new day is counted if it ended at most this long ago. Older days come with a first load, whose
history would fill the report and take time to add up."""


class DayWriter:
    """One table's days in one run."""

    def __init__(
        self, outcome: Outcome, context: RunContext, lines: LineMaker, facts: Mapping[str, str]
    ) -> None:
        self._outcome, self._context, self._lines, self._facts = outcome, context, lines, facts
        self._table = outcome.plan.table

    def store(self, pieces: Iterable[Slice]) -> Iterator[date]:
        """Publish the days that are due, and yield each one.

        Raises OutOfTime between two days, never before the first, so that each invocation makes
        progress.
        """
        stored = False
        for piece in pieces:
            if not self._is_due(piece.day):
                deque(piece.batches, maxlen=0)
                continue
            if stored:
                self._context.deadline.check()
            self._store(piece)
            stored = True
            yield piece.day

    def _is_due(self, day: date) -> bool:
        """Whether to store a day: always if it is complete, otherwise if requested."""
        plan = self._outcome.plan
        return plan.partial or day <= plan.complete_through

    def _store(self, piece: Slice) -> None:
        context = self._context
        watch = Watch(self._table, first=piece.day >= context.today() - _NEW)
        upload = context.lake.upload(piece.key, context.lease.fence, watch)
        packer = Packer([upload], self._table.labels)
        self._lines.begin()
        try:
            for common, records in piece.batches:
                packer.add(self._lines.lines(records, common, piece.day))
            context.check_lease()
            published = packer.publish(self._facts)
        except LoaderError:
            packer.discard()
            raise
        self._outcome.stored(piece.day, packer.rows, packer.bytes, published)
        self._outcome.note_lost(piece.day, self._lines.lost())
