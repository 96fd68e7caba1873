"""From raw records to the lines of an object, by a short way where a record is as declared. Pure.

msgspec's parser checks names and types while it reads, so that a record's columns can be taken out
and written without looking at each. Whatever is not just as declared goes the long way, by
`handler.rows`, which says what is different and loses nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import repeat
from typing import Any

import msgspec
from msgspec.structs import astuple

from claude_admin_lake.tables import Column, Table
from claude_admin_lake.tables.types import nullable

from .rows import Record, RowMaker, check_day, decode_record, encode_lines

BUCKET_FIELDS = ("starting_at", "ending_at")
"""The fields of a bucket that are columns of its records."""

_Tree = dict[str, Any]

# What the parser raises at a record that is not as declared.
_NOT_AS_DECLARED = (ValueError, ArithmeticError, RecursionError)


class LineMaker:
    """Makes the lines of one table."""

    def __init__(self, table: Table) -> None:
        self._rows = RowMaker(table)
        self.drift = self._rows.drift
        self._partition_field = table.partition_field
        bucketed = table.days is not None and table.days.bucketed
        self._common = BUCKET_FIELDS if bucketed else ()
        computed = {*self._common, *(one.column for one in table.derived)}
        sent = [column for column in table.columns if column.name not in computed]
        self._tree = _tree(sent, table.partition_field)
        self._leaves = list(_leaves(self._tree))
        self._parse = msgspec.json.Decoder(list[_struct(self._tree)]).decode  # type: ignore[misc]
        self._sound = [(column.path, column.type.sound) for column in sent if column.type.sound]
        self._sent = [column.path for column in sent]
        self._derived = table.derived
        self._row: Any = msgspec.defstruct("Row", table.column_names, gc=False)

    def lines(self, raws: Sequence[msgspec.Raw], common: Record, day: date | None) -> bytes:
        """The records as lines, each with its end.

        `common` are fields that every record gets, `day` is the day they must be of. Raises
        BadAnswer if a record is no JSON object or of another day.
        """
        as_declared = all(type(value) is str for value in common.values())
        if tuple(common) != self._common or not as_declared:
            return b"".join(self._long_way(raw, common, day) for raw in raws)
        return self._divide(raws, common, day) if raws else b""

    def _divide(self, raws: Sequence[msgspec.Raw], common: Record, day: date | None) -> bytes:
        """By the short way as many as can, found by halving; the others by the long way."""
        made = self._short_way(raws, tuple(common.values()), day)
        if made or not raws:
            return made
        if len(raws) == 1:
            return self._long_way(raws[0], common, day)
        half = len(raws) // 2
        return self._divide(raws[:half], common, day) + self._divide(raws[half:], common, day)

    def _short_way(
        self, raws: Sequence[msgspec.Raw], common: tuple[Any, ...], day: date | None
    ) -> bytes:
        """The lines of records that are all as declared; nothing if one is not.

        Works on columns: each step is one call for all of the records.
        """
        try:
            records = self._parse(b"[" + b",".join(raws) + b"]")
            if len(records) != len(raws):
                return b""
            columns = dict(zip(self._leaves, _columns(records, self._tree), strict=True))
        except _NOT_AS_DECLARED:
            return b""
        for path, sound in self._sound:
            if not sound([value for value in columns[path] if value is not None]):
                return b""
        if self._partition_field and day:
            for stated in set(columns[self._partition_field]):
                check_day(stated, day)
        stored: list[Sequence[object]] = [columns[path] for path in self._sent]
        for derived in self._derived:
            column = derived.of_columns(*(columns[field] for field in derived.fields))
            if column is None:
                return b""
            stored.append(column)
        return encode_lines(list(map(self._row, *map(repeat, common), *stored)))

    def _long_way(self, raw: msgspec.Raw, common: Record, day: date | None) -> bytes:
        record = decode_record(raw)
        if self._partition_field and day:
            check_day(record.get(self._partition_field), day)
        return encode_lines([self._rows.row({**common, **record})])


def _tree(sent: Iterable[Column], partition_field: str | None) -> _Tree:
    """The parsed types of a record's fields, those of a nested object in a tree of their own."""
    tree: _Tree = {}
    for column in sent:
        *parents, leaf = column.path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = column.type.parsed
    if partition_field:
        tree[partition_field] = str
    return tree


def _leaves(tree: _Tree, prefix: str = "") -> Iterator[str]:
    """The paths of the columns, in the tree's order."""
    for name, inside in tree.items():
        if isinstance(inside, dict):
            yield from _leaves(inside, f"{prefix}{name}.")
        else:
            yield prefix + name


def _struct(tree: _Tree) -> type[msgspec.Struct]:
    """The type of an object with these fields, or fewer, and no other."""
    fields: list[Any] = []
    for name, inside in tree.items():
        if isinstance(inside, dict):
            fields.append((name, inner := _struct(inside), msgspec.field(default_factory=inner)))
        else:
            fields.append((name, nullable(inside), None))
    return msgspec.defstruct("Record", fields, forbid_unknown_fields=True, gc=False)


def _columns(structs: Iterable[msgspec.Struct], tree: _Tree) -> Iterator[tuple[Any, ...]]:
    """Takes structs apart into columns, one for each leaf of their tree."""
    fields = zip(*map(astuple, structs), strict=True)
    for column, inside in zip(fields, tree.values(), strict=True):
        if isinstance(inside, dict):
            yield from _columns(column, inside)
        else:
            yield column
