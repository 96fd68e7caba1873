"""From raw records to the lines of an object, by a short way where a record is as declared. Pure.

msgspec's parser checks names and types while it reads, so that a record's columns can be taken out
and written without looking at each. Whatever is not just as declared goes the long way, by
`handler.rows`, which says what is different and loses nothing.
"""

from collections.abc import Callable, Iterable
from datetime import date
from operator import attrgetter
from typing import Any

import msgspec

from .rows import Record, RowMaker, check_day, decode_record, encode
from .tables import Column, Table
from .tables.types import nullable

BUCKET_FIELDS = ("starting_at", "ending_at")
"""The fields of a bucket that are columns of its records."""

_Tree = dict[str, Any]

# What the parser raises at a record that is not as declared, and what a missing parent raises.
_NOT_AS_DECLARED = (ValueError, ArithmeticError, RecursionError, AttributeError)


class LineMaker:
    """Makes the lines of one table."""

    def __init__(self, table: Table) -> None:
        self._rows = RowMaker(table)
        self.drift = self._rows.drift
        self._partition_field = table.partition_field
        bucketed = table.days is not None and table.days.bucketed
        self._common = BUCKET_FIELDS if bucketed else ()
        fits = {column.name: column.type.fits for column in table.columns}
        self._derived = [(one.of, _getter(one.fields), fits[one.column]) for one in table.derived]
        computed = {*self._common, *(one.column for one in table.derived)}
        sent = [column for column in table.columns if column.name not in computed]
        self._parse = msgspec.json.Decoder(_record_type(sent, table.partition_field)).decode
        self._take_out = _getter(column.path for column in sent)
        self._sound = [
            (index, column.type.sound) for index, column in enumerate(sent) if column.type.sound
        ]
        self._row: Any = msgspec.defstruct("Row", table.column_names)

    def lines(self, raws: Iterable[msgspec.Raw], common: Record, day: date | None) -> list[bytes]:
        """The records as lines, without line ends.

        `common` are fields that every record gets, `day` is the day they must be of. Raises
        BadAnswer if a record is no JSON object or of another day.
        """
        as_declared = all(type(value) is str for value in common.values())
        if tuple(common) != self._common or not as_declared:
            return [self._long_way(raw, common, day) for raw in raws]
        first = tuple(common.values())
        return [
            self._short_way(raw, first, day) or self._long_way(raw, common, day) for raw in raws
        ]

    def _short_way(self, raw: msgspec.Raw, first: tuple[Any, ...], day: date | None) -> bytes:
        """The line of a record that is as declared; nothing for any other."""
        try:
            record = self._parse(raw)
            sent = self._take_out(record)
        except _NOT_AS_DECLARED:
            return b""
        for index, sound in self._sound:
            if sent[index] is not None and not sound(sent[index]):
                return b""
        if self._partition_field and day:
            check_day(getattr(record, self._partition_field), day)
        computed = [of(*fields(record)) for of, fields, _ in self._derived]
        for value, (_, _, fits) in zip(computed, self._derived, strict=True):
            if value is not None and not fits(value):
                return b""
        return encode(self._row(*first, *sent, *computed))

    def _long_way(self, raw: msgspec.Raw, common: Record, day: date | None) -> bytes:
        record = decode_record(raw)
        if self._partition_field and day:
            check_day(record.get(self._partition_field), day)
        return encode(self._rows.row({**common, **record}))


def _getter(paths: Iterable[str]) -> Callable[[object], tuple[Any, ...]]:
    """Takes what is at the paths, always as a tuple."""
    names = tuple(paths)
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda record: (get(record),)


def _record_type(sent: Iterable[Column], partition_field: str | None) -> type[msgspec.Struct]:
    """The type of a record that has the columns at their paths, and nothing else."""
    tree: _Tree = {}
    for column in sent:
        *parents, leaf = column.path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = column.type.parsed
    if partition_field:
        tree[partition_field] = Any
    return _struct(tree)


def _struct(tree: _Tree) -> type[msgspec.Struct]:
    fields: list[Any] = []
    for name, inside in tree.items():
        if isinstance(inside, dict):
            inner = _struct(inside)
            fields.append((name, inner | None, msgspec.field(default_factory=inner)))
        else:
            fields.append((name, nullable(inside), None))
    return msgspec.defstruct("Record", fields, forbid_unknown_fields=True)
