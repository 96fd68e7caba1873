"""What one run is asked to do, and the events that pass it on. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from claude_admin_lake.days import DayRange

from .accept import Accepted
from .span import Slices, texts

FIELDS = frozenset({
    "organization", "scheduled_time", "tables", "since", "start_date", "end_date", "dry_run",
    "check", "repair", "slices", "accept", "optional", "execution", "adopt", "load_id", "given_up",
})  # fmt: skip
"""The fields of an event."""


class Mode(StrEnum):
    """What a run is for; only an incremental run moves cursors."""

    INCREMENTAL = "incremental"
    BACKFILL = "backfill"
    REPAIR = "repair"


class Request(Struct, frozen=True, kw_only=True):
    """What one run is asked to do.  `accept` are days that the operator gives up. `since` sets the
    first day of the lake; days missing from there on are loaded too. `slices` is the work that an
    earlier invocation left. `optional` are tables that the API may not offer to every organization.
    `execution` names the state machine's execution that made the call, if any. `load_id` names the
    load that this invocation continues; `given_up` means that the state machine does not continue
    it. `adopt` confirms that the lake continues with the organization that the key now belongs to.
    """

    organization: str
    now: datetime
    tables: tuple[str, ...]
    mode: Mode = Mode.INCREMENTAL
    days: DayRange | None = None
    since: date | None = None
    dry_run: bool = False
    check: bool = False
    slices: Slices | None = None
    optional: frozenset[str] = frozenset()
    execution: str | None = None
    accept: Accepted = {}
    adopt: bool = False
    load_id: str | None = None
    given_up: bool = False

    @property
    def only_looks(self) -> bool:
        """Whether the run loads nothing."""
        return self.dry_run or self.check

    def start(self, event: Mapping[str, object]) -> dict[str, object]:
        """The event of this organization's own run, from an event for all of them."""
        own = {name: value for name, value in event.items() if name in FIELDS - {"execution"}}
        return own | {"organization": self.organization, "scheduled_time": _text(self.now)}

    def continued(self, slices: Slices) -> dict[str, object]:
        """The event that continues this request with `slices`."""
        event: dict[str, object] = {
            "organization": self.organization,
            "scheduled_time": _text(self.now),
            "slices": {table: texts(spans) for table, spans in slices.items()},
        }
        if self.mode is Mode.REPAIR:
            event["repair"] = True
        if optional := self.optional.intersection(slices):
            event["optional"] = sorted(optional)
        if self.days:
            event |= {"start_date": str(self.days.first), "end_date": str(self.days.last)}
        return event


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
