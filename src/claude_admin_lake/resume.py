"""Resumes an interrupted backfill on a laptop when the same command is run again.

A backfill moves no cursor, so its progress is kept in a file beside the cursors.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from .days import DayRange, ranges_of
from .lake.folder import partial_file, state_folder
from .plan.request import Mode
from .plan.served import question
from .plan.span import Span
from .tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from .plan.request import Request
    from .run.outcome import Outcome
    from .settings import Settings

BACKFILL_FILE = "backfill.json"
_BY_NAME = {table.name: table for table in TABLES}
_LONGEST = timedelta(days=1)
"""After this time, loaded days are worth reloading."""

Left = dict[str, tuple[DayRange, ...]]


class Backfill:
    """Records what is left of a running backfill; does nothing for other requests."""

    def __init__(self, request: Request, folder: Path, now: datetime, settings: Settings) -> None:
        self._asked, self._now, self._settings = request, now, settings
        self._state = state_folder(folder, request.organization)
        self._file = self._state / BACKFILL_FILE
        plain = request.mode is Mode.BACKFILL and request.slices is None and not request.dry_run
        self._is_kept = plain
        self._left: Left = {}
        self.notes: tuple[str, ...] = ()

    def request(self) -> Request:
        """The request, minus what an interrupted run of the same request has loaded."""
        if not self._is_kept or not self._asked.days:
            return self._asked
        self._left = dict.fromkeys(self._asked.tables, (self._asked.days,))
        found = self._found()
        if not found:
            return self._asked
        self._left = found
        self.notes = ("this continued the same backfill, which had been interrupted",)
        slices = {table: tuple(map(Span, ranges)) for table, ranges in found.items()}
        return replace(self._asked, slices=slices, tables=tuple(slices))

    def follow(self, outcome: Outcome) -> None:
        """Save what is left after a day or a snapshot was stored."""
        if not self._is_kept or outcome.table not in self._asked.tables:
            return
        days = (day for span in outcome.plan.ranges for day in span)
        left = ranges_of(day for day in days if day not in outcome.done)
        if left and outcome.plan.table.days:
            self._left[outcome.table] = tuple(left)
        else:
            self._left.pop(outcome.table, None)
        self._write()

    def end(self, *, complete: bool) -> None:
        """Forget the backfill if all of it is loaded."""
        if self._is_kept and complete:
            self._file.unlink(missing_ok=True)

    def _found(self) -> Left | None:
        """What a recently interrupted run of this request has left."""
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            is_recent = self._now - datetime.fromisoformat(kept["at"]) < _LONGEST
            if kept["asked"] != self._key() or not is_recent:
                return None
            return {table: tuple(map(_span, spans)) for table, spans in kept["left"].items()}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def _write(self) -> None:
        kept = {
            "asked": self._key(),
            "at": self._now.isoformat(),
            "left": {table: list(map(str, spans)) for table, spans in self._left.items()},
        }
        with suppress(OSError):  # without the file, an interrupted backfill starts over
            new = partial_file(self._state, BACKFILL_FILE)
            new.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
            new.replace(self._file)

    def _key(self) -> dict[str, Any]:
        """What must be the same for a run to continue another one."""
        asked = self._asked
        tables = [_BY_NAME[name] for name in asked.tables]
        return {
            "days": str(asked.days),
            "tables": {one.name: question(one, self._settings, asked.now).query for one in tables},
            "api": self._settings.base_url,
        }


def _span(text: str) -> DayRange:
    first, _, last = text.partition("/")
    return DayRange(date.fromisoformat(first), date.fromisoformat(last))
