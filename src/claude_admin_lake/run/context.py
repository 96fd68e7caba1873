"""What the tables of one run share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.errors import Superseded

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from claude_admin_lake.clock import Clock, Deadline
    from claude_admin_lake.lake import Lake
    from claude_admin_lake.lake.keys import Keys
    from claude_admin_lake.source.reader import Reader
    from claude_admin_lake.state import Lease, State

    from .outcome import Outcome
    from .trouble import Trouble


class RunContext(Struct, frozen=True, kw_only=True):
    """What the tables of one run share."""

    run_id: str
    now: Callable[[], datetime]
    """The actual time, checked against the API's clock."""
    api_version: str
    keys: Keys
    reader: Reader
    lake: Lake
    state: State
    lease: Lease
    clock: Clock
    deadline: Deadline
    progress: Callable[[Outcome], None]
    trouble: Trouble
    optional: frozenset[str] = frozenset()
    """The tables that the API may not offer to every organization."""

    def today(self) -> date:
        """The current UTC day."""
        return self.now().date()

    def check_lease(self) -> None:
        """Raise Superseded if the lease has run out: another run may have begun to write."""
        if self.clock.now() > self.lease.expires:
            raise Superseded("this run has outlived its lease")
