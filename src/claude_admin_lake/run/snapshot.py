"""Writes the snapshot of a table, over several invocations if necessary."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from claude_admin_lake.errors import (
    BadAnswer,
    LakeTrouble,
    LoaderError,
    OutOfTime,
    RequestRefused,
    RunError,
)
from claude_admin_lake.lake.packing import Packer, chunks_of
from claude_admin_lake.plan.carry import is_due
from claude_admin_lake.shapes import batches

from .seen import remember, seen_by
from .staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_admin_lake.plan.read import Read
    from claude_admin_lake.records.lines import LineMaker
    from claude_admin_lake.source.pages import Page

    from .context import RunContext
    from .outcome import Outcome

_log = logging.getLogger(__name__)
_NULL = msgspec.Raw(b"null")
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str | None).decode

_WORTH_KEEPING = 10
"""Pages. A failed read with fewer pages starts over."""


class Snapshot:
    """One table's snapshot in one run."""

    def __init__(
        self, outcome: Outcome, context: RunContext, lines: LineMaker, facts: Mapping[str, str]
    ) -> None:
        self._outcome, self._context, self._lines, self._facts = outcome, context, lines, facts
        self._table = outcome.plan.table
        self._carried: set[str] = set()
        self._shown: list[bytes] = []

    def begin(self, read: Read) -> Read:
        """Determine what need not be read, and return the read of the rest."""
        context = self._context
        self._staging = Staging(
            self._table, context.lake, context.keys, context.lease, context.now()
        )
        self._carried = self._gone_parents() - self._staging.resumed.done
        resumed = self._staging.resumed
        return replace(read, place=replace(resumed, done=resumed.done | self._carried))

    def store(self, pages: Iterator[Page]) -> None:
        """Publish the snapshot once all pages are read; on an error, keep what was read and
        re-raise."""
        context, day = self._context, self._context.today()
        keys = context.keys.snapshot(self._table, day)
        packer = Packer(context.lake.upload(key, context.lease.fence) for key in keys)
        self._lines.begin()
        self._shown = []
        try:
            self._write(packer, pages)
            context.check_lease()
            if self._table.remembered:  # before the snapshot, so that a crash loses no record
                remember(self._table, self._shown, day, context, self._facts)
            published = packer.publish(self._facts)
        except LoaderError as error:
            packer.discard()
            self._keep(error)
            raise
        self._outcome.read_on = day
        self._outcome.stored(None, packer.rows, packer.bytes, published)
        self._outcome.note_lost(None, self._lines.lost())
        self._staging.forget()
        if self._carries:
            context.state.keep_read_day(self._table.name, day, context.lease)

    def _write(self, packer: Packer, pages: Iterator[Page]) -> None:
        for line in self._carried_lines():
            self._add(packer, line)
        self._outcome.carried = packer.rows
        for lines in self._staging.lines():
            self._add(packer, lines)
        for page in pages:
            rows = [
                self._lines.lines(records, common, None)
                for common, records in batches(page.common, [page.records])
            ]
            for lines in rows:
                self._add(packer, lines)
            self._staging.passed(page, rows)

    def _add(self, packer: Packer, lines: bytes) -> None:
        packer.add(lines)
        if self._table.remembered:
            self._shown += lines.splitlines()

    def _keep(self, error: LoaderError) -> None:
        """Keep what was read so that a later read can continue from there."""
        staging = self._staging
        try:
            if isinstance(error, (RequestRefused, BadAnswer)) and not staging.pages:
                staging.forget()  # perhaps the API rejects the stored position
            elif isinstance(error, OutOfTime) or staging.pages >= _WORTH_KEEPING:
                self._context.check_lease()
                staging.keep()
        except RunError:
            raise
        except LoaderError as trouble:
            _log.warning("the pages read of %s are not kept: %s", self._table.name, trouble)
        finally:
            staging.discard()
        self._outcome.staged += staging.kept

    @property
    def _carries(self) -> bool:
        return bool(self._table.parent and self._table.parent.named_in)

    def _gone_parents(self) -> set[str]:
        """The parents whose rows are carried over from the stored snapshot."""
        rule, context = self._table.parent, self._context
        if not rule or not rule.named_in:
            return set()
        last, today = context.state.read_day(self._table.name), context.today()
        gone = {
            parent.id
            for parent in context.reader.parents(rule, self._outcome.meter)
            if parent.gone_on and not is_due(parent.gone_on, last, today)
        }
        if not gone or not last:
            return set()
        stored = self._stored_parents(rule.named_in)
        # A parent without rows was in the last snapshot only if it had appeared by then.
        known = stored and stored | seen_by(last, context.keys.seen(rule.table), context.lake)
        return gone & known

    def _stored_parents(self, column: str) -> set[str]:
        """The parents of the stored rows; none if the rows are damaged, or if their columns are not
        those declared today."""
        columns, found = self._table.column_names, set[str]()
        try:
            for line in self._stored_lines():
                fields = _fields(line)
                if tuple(fields)[: len(columns)] != columns:
                    return set()
                found.add(_text(fields[column]) or "")
        except (LakeTrouble, msgspec.DecodeError) as error:
            _log.warning("%s is read as a whole: %s", self._table.name, error)
            return set()
        return found

    def _carried_lines(self) -> Iterator[bytes]:
        if not self._carried or not self._table.parent:
            return
        column = self._table.parent.named_in
        for line in self._stored_lines():
            if _text(_fields(line).get(column, _NULL)) in self._carried:
                yield line + b"\n"

    def _stored_lines(self) -> Iterator[bytes]:
        """The rows of the stored snapshot."""
        key = self._context.keys.snapshot(self._table, self._context.today())[-1]
        stored = self._context.lake.read(key)
        if stored is None:
            return
        with closing(stored):
            for chunk in chunks_of(stored, key):
                yield from chunk.split(b"\n")[:-1]
