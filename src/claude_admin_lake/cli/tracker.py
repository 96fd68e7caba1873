"""How far a load has come, over all tables and organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.errors import LoaderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.run.outcome import Outcome
    from claude_admin_lake.settings import Settings


class Tracker:
    """Follows a load; its methods are the callbacks of `run_event`."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str], int] = {}
        self._slices: dict[tuple[str, str], int] = {}
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._rates: dict[str, int] = {}

    def planned(
        self, organization: str, plan: Callable[[], list[TablePlan]], settings: Settings
    ) -> None:
        """Note what will be read. If planning fails, the run itself reports why."""
        try:
            plans = plan()
        except LoaderError:
            return
        self._rates[organization] = settings.requests_per_minute
        for one in plans:
            self._requests[organization, one.table.name] = sum(1 for _ in one.reads())
            self._slices[organization, one.table.name] = one.slices

    def progress(self, organization: str, outcome: Outcome) -> None:
        """Note the state of the table that is being loaded."""
        self._outcomes[organization, outcome.table] = outcome

    @property
    def slices(self) -> tuple[int, int]:
        """Days and snapshots: how many are stored, and how many there are."""
        return sum(one.slices for one in self._outcomes.values()), sum(self._slices.values())

    def minutes_left(self) -> float | None:
        """Minutes at the paced rate with as few pages as planned; None if nothing was planned."""
        if not self._rates:
            return None
        return max(self._left(name) / rate for name, rate in self._rates.items())

    def _left(self, organization: str) -> int:
        """The requests that are left: a table in the plan's order follows the one before it."""
        names = [table for one, table in self._requests if one == organization]
        begun = [at for at, table in enumerate(names) if (organization, table) in self._outcomes]
        if not begun:
            return sum(self._requests[organization, table] for table in names)
        current = names[begun[-1]]
        outcome, planned = self._outcomes[organization, current], self._requests
        share = 1 - outcome.slices / max(1, outcome.plan.slices)
        later = sum(planned[organization, table] for table in names[begun[-1] + 1 :])
        return later + round(share * planned[organization, current])


def words(minutes: float) -> str:
    """A time left, for people."""
    if minutes < 1:
        return "under a minute left"
    return f"about {minutes:.0f} min left" if minutes < 120 else f"about {minutes / 60:.0f} h left"
