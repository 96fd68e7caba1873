"""The object `<table>_seen`: the latest record of every id that was ever in a snapshot."""

from __future__ import annotations

import logging
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.lake.packing import Packer, chunks_of
from claude_admin_lake.records.layout import encoder
from claude_admin_lake.tables.table import FIRST_SEEN, LAST_SEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from claude_admin_lake.lake import Lake
    from claude_admin_lake.lake.keys import Keys
    from claude_admin_lake.state import Lease
    from claude_admin_lake.tables import Table

_log = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(float_hook=Decimal)

Seen = dict[str, dict[str, Any]]
"""Records by id, each with its first and last day."""


class Place(Protocol):
    """Where an organization's objects are written, and under which lease."""

    @property
    def lake(self) -> Lake: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def lease(self) -> Lease: ...


def remember(
    table: Table, lines: Iterable[bytes], day: date, place: Place, facts: Mapping[str, str]
) -> None:
    """Merge a day's snapshot into the table's seen records. Raises LakeTrouble if that fails."""
    seen = _known(table, place)
    add(seen, lines, str(day))
    packer = Packer([place.lake.upload(place.keys.seen(table.name), place.lease.fence)])
    packer.add(encoder.encode_lines([seen[name] for name in sorted(seen)]))
    packer.publish(facts)


def seen_by(day: date, key: str, lake: Lake) -> set[str]:
    """The ids that were in a snapshot of this day or an earlier one; none if that is not known."""
    try:
        records = [*map(_decoder.decode, _lines(lake, key))]
    except (LakeTrouble, msgspec.DecodeError) as error:
        _log.warning("%s cannot be used: %s", key, error)
        return set()
    return {record["id"] for record in records if record[FIRST_SEEN] <= str(day)}


def add(seen: Seen, lines: Iterable[bytes], day: str) -> None:
    """Merge a snapshot; records last seen on a later day keep their values."""
    for record in map(_decoder.decode, lines):
        if record["id"] is None:
            continue
        old = seen.get(record["id"], {})
        first, last = old.get(FIRST_SEEN, day), old.get(LAST_SEEN, day)
        latest = record if day >= last else old
        seen[record["id"]] = {**latest, FIRST_SEEN: min(first, day), LAST_SEEN: max(last, day)}


def _known(table: Table, place: Place) -> Seen:
    """The records of the stored object, or of the history if the object is missing or damaged."""
    key, seen = place.keys.seen(table.name), Seen()
    try:
        seen = {record["id"]: record for record in map(_decoder.decode, _lines(place.lake, key))}
    except (LakeTrouble, msgspec.DecodeError) as error:
        _log.warning("%s is rebuilt from the history: %s", key, error)
    if not seen:
        for day, snapshot in sorted(place.lake.snapshots(table).items()):
            try:
                add(seen, [*_lines(place.lake, snapshot)], str(day))
            except (LakeTrouble, msgspec.DecodeError) as error:
                _log.warning("%s is left out: %s", snapshot, error)
    return seen


def _lines(lake: Lake, key: str) -> Iterator[bytes]:
    """The lines of an object, if it exists. Raises LakeTrouble if it is damaged."""
    stored = lake.read(key)
    if stored is None:
        return
    with closing(stored):
        for chunk in chunks_of(stored, key):
            yield from chunk.splitlines()
