"""A snapshot that is read in several invocations: its parts so far, and where to continue.

While a snapshot is read, its rows are also written to a part outside the tables, page by page. The
part and the position are published only if an invocation cannot finish the snapshot, or if it is
long. The next invocation starts with the rows of the parts. The keys are fixed, because the loader
cannot delete anything.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from claude_admin_lake import VERSION
from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.lake.packing import Packer, chunks_of
from claude_admin_lake.plan.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_admin_lake.lake import Lake
    from claude_admin_lake.lake.keys import Keys
    from claude_admin_lake.source.pages import Page
    from claude_admin_lake.state import Lease
    from claude_admin_lake.tables import Table

_log = logging.getLogger(__name__)

_GOOD_FOR = timedelta(hours=20)
"""Older parts are not used, so that a daily run re-reads everything."""

PAGES_PER_PART = 300
"""A few minutes' work: the most that a killed invocation loses."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a snapshot has been read."""

    started: datetime
    loader: str = VERSION
    parts: int = 0
    place: Place = Place()


def _open(place: Place) -> tuple[set[str], str, tuple[str, str] | None]:
    return {*place.done}, place.parent, place.next


class Staging:
    """The parts of one table's snapshot."""

    def __init__(self, table: Table, lake: Lake, keys: Keys, lease: Lease, now: datetime) -> None:
        self._table, self._lake, self._keys, self._lease = table, lake, keys, lease
        self._progress = self._found(now) or Progress(started=now)
        self._part: Packer | None = None
        self._stored = self._progress != Progress(started=now)
        self.resumed = self._progress.place
        """Where this invocation begins to read."""
        self._done, self._parent, self._next = _open(self.resumed)
        self.pages, self.kept = 0, 0
        """Pages read, and parts kept, by this invocation."""

    def _found(self, now: datetime) -> Progress | None:
        """The progress of an earlier invocation, if it can be continued."""
        stored = self._lake.read(self._keys.staged_progress(self._table))
        if stored is None:
            return None
        with stored:
            try:
                found = msgspec.json.decode(stored.read(), type=Progress)
            except (OSError, msgspec.DecodeError) as error:
                _log.warning("the parts of %s cannot be used: %s", self._table.name, error)
                return None
        good = found.loader == VERSION and now - found.started < _GOOD_FOR
        return found if good and found.place != Place() else None

    def lines(self) -> Iterator[bytes]:
        """The rows of the parts so far.

        Raises LakeTrouble if a part is missing or damaged; the next read begins from the start.
        """
        for number in range(self._progress.parts):
            key = self._keys.staged_part(self._table, number)
            stored = self._lake.read(key)
            if stored is None:
                self.forget()
                raise LakeTrouble(f"{key} is missing; the snapshot is read from the start")
            with stored:
                try:
                    yield from chunks_of(stored, key)
                except LakeTrouble:
                    self.forget()
                    raise

    def passed(self, page: Page, rows: list[bytes]) -> None:
        """Add a page's rows, and note that it was read."""
        if self._part is None and rows:
            key = self._keys.staged_part(self._table, self._progress.parts)
            self._part = Packer([self._lake.upload(key, self._lease.fence)])
        for lines in rows:
            assert self._part
            self._part.add(lines)
        if page.next is None:
            self._done.add(page.parent)
        self._parent, self._next = page.parent, page.next
        self.pages += 1
        if self.pages % PAGES_PER_PART == 0:
            self.keep()

    def keep(self) -> None:
        """Store the rows so far and the position to continue from."""
        place = Place(frozenset(self._done), self._parent, self._next)
        if place == self._progress.place:
            return
        parts = self._progress.parts
        if self._part:
            self._part.publish({"loader": VERSION})
            self._part, parts = None, parts + 1
        self._write(msgspec.structs.replace(self._progress, parts=parts, place=place))
        self.kept += 1

    def forget(self) -> None:
        """Make the next read begin from the start."""
        self.discard()
        if self._stored:
            self._write(Progress(started=self._progress.started))
            self._lake.drop(self._keys.staged(self._table))

    def discard(self) -> None:
        """Drop the part that is being written."""
        if self._part:
            self._part.discard()
            self._part = None

    def _write(self, progress: Progress) -> None:
        content = msgspec.json.encode(progress)
        upload = self._lake.upload(self._keys.staged_progress(self._table), self._lease.fence)
        try:
            upload.write(content)
            upload.publish(hashlib.sha256(content).hexdigest(), {})
        except LakeTrouble:
            upload.discard()
            raise
        self._progress, self._stored = progress, True
