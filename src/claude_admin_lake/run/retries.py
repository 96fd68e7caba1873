"""What a table's run retries after failures, and what it gives up."""

from __future__ import annotations

import logging
from collections import deque
from datetime import date
from typing import TYPE_CHECKING

from claude_admin_lake.days import intervals
from claude_admin_lake.errors import RequestRefused

from .outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from claude_admin_lake.errors import SliceError
    from claude_admin_lake.plan.read import Read

    from .outcome import Outcome
    from .trouble import Trouble

_log = logging.getLogger(__name__)

BAD_REQUEST = 400
_MOST_VAIN_RETRIES = 20
"""Consecutive failed retries of a table. So many mean that the API permanently refuses days."""

_VAIN = f"not tried again, because {_MOST_VAIN_RETRIES} other reads had failed in a row"


class Later:
    """Collects the reads that replace failed ones."""

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
        """All reads in order, with the ones skipped because of trouble: smaller reads may work.

        Newest first, because the API may permanently refuse the oldest days.
        """
        untried = [*rest]
        if untried:
            return [*self._smaller, *untried, *self._same]
        return sorted((*self._smaller, *self._same), key=_first_day, reverse=True)


class Retries:
    """Decides what follows the failures of one table."""

    def __init__(self, outcome: Outcome, trouble: Trouble) -> None:
        self._outcome, self._trouble = outcome, trouble
        self._failed_in_a_row = 0
        self._errors: dict[Read, SliceError] = {}
        """The errors of the reads that will be retried."""

    @property
    def pointless(self) -> bool:
        """Whether too many retries have failed in a row."""
        return self._failed_in_a_row >= _MOST_VAIN_RETRIES

    def stored(self) -> None:
        """Note a successful read."""
        self._trouble.stored()
        self._failed_in_a_row = 0

    def after(self, read: Read, error: SliceError) -> list[Read]:
        """The reads that replace a failed read; what has failed too often is given up."""
        one, trouble = self._outcome, self._trouble
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

    def drop_from(self, reads: Iterable[Read]) -> deque[Read]:
        """Give up the reads that are retries, and return the others."""
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
            if isinstance(error, RequestRefused) and error.status == BAD_REQUEST:
                one.refused.update(left)
            one.add_error(Status.FAILED, error, left)
            _log.error(
                "%s is given up: %s%s", one.table, _named(left), error, extra={"table": one.table}
            )


def _first_day(read: Read) -> date:
    return read.days.first if read.days else date.min


def _named(days: Iterable[date]) -> str:
    found = intervals(days)
    return f"{', '.join(found)}: " if found else ""
