"""The slow path, for a record that does not match its table's layout. Pure.

The record is split in two. The part that matches goes through the layout like every other record.
The rest is not lost: unknown fields keep their flattened names, and a value that its column cannot
hold is kept as JSON text in `<column>__raw`.
"""

import re
from collections.abc import Callable, Iterator

from claude_admin_lake.tables import Table
from claude_admin_lake.tables.types import Type, compact

from .layout import decode_value
from .split import UNREADABLE, Fields, Split, fields_of
from .tree import Leaf, Node, Path, name_of, tree_of

Value = tuple[Path, bytes]

_PLAIN_NAME = re.compile(r"[^\"\\`\x00-\x1f]*")
"""Names that the parser accepts as field names, and that are unambiguous in its messages."""
_DEEPEST = 30
"""The longest path. Deeper values are kept as they are."""
MOST_UNKNOWN = 100
"""How many unknown fields a table's layout may learn; open names could bring any number."""


class Splitter:
    """Splits records of one table. Calls `note` for each difference from the declaration."""

    def __init__(self, table: Table, note: Callable[[str], None]) -> None:
        self._note, self._table = note, table
        self._derived = {one.column for one in table.derived}
        self._tree = tree_of(table, without=self._derived)
        self._partition_field = table.partition_field
        self._columns = {c.name: c for c in table.columns if c.name not in self._derived}
        self._lower = {name.lower() for name in table.column_names}
        self._objects = {
            name[:at]
            for name in table.column_names
            for at, letter in enumerate(name)
            if letter == "_"
        }

    def split(self, record: Fields, known: frozenset[Path]) -> Split:
        """Split a record. `known` are the unknown fields that the layout has already learnt."""
        found, others = Split(set(known)), list[Value]()
        self._walk(self._tree, record, (), found, others)
        self._settle(found)
        # If two wrappers have an unknown field of the same name, the first one's keeps the name.
        order = {name: at for at, name in enumerate(self._table.wrappers)}
        for path, raw in sorted(others, key=lambda other: order.get(other[0][0], 0)):
            self._place(found, path, raw)
        return found

    def _settle(self, found: Split) -> None:
        """Put aside the value at a column's second path if the first path has another one."""
        for column in self._columns.values():
            if not column.otherwise:
                continue
            first, second = _path(column.path), _path(column.otherwise)
            values = {found.at(first), found.at(second)} - {None, b"null"}
            if len(values) > 1:
                self._note(f"{column.name}: twice")
                found.put_aside(column.name, found.take(second))

    def _walk(
        self, tree: Node, fields: Fields, path: Path, found: Split, others: list[Value]
    ) -> None:
        for name, raw in fields.items():
            inner, here = tree.get(name), (*path, name)
            if inner is None:
                others += _flattened(here, raw)
            elif isinstance(inner, Leaf):
                self._take(inner, here, raw, found)
            elif raw[:1] == b"{":
                self._walk(inner, fields_of(raw), here, found, others)
            elif raw != b"null":
                others.append((here, raw))

    def _take(self, leaf: Leaf, path: Path, raw: bytes, found: Split) -> None:
        """Take a declared column's value, or put it aside."""
        if leaf.name == self._partition_field:
            return
        value = compact(raw)
        if leaf.type.wraps_scalar and raw[:1] == b'"':
            value = b"[" + raw + b"]"
        unknown = _unknown(leaf.type, value)
        if self._fits(leaf.type, value, unknown) and self._learn(found, path, unknown):
            for inner in unknown:
                self._note(f"{leaf.name}.{'.'.join(inner)}: new")
            found.match(path, value)
        else:
            self._note(f"{leaf.name}: not {leaf.type.hive}")
            found.put_aside(leaf.name, raw)

    def _fits(self, of: Type, value: bytes, unknown: list[Path]) -> bool:
        for path in unknown:
            of = of.with_unknown(path)
        return of.fits(value)

    def _learn(self, found: Split, path: Path, inner: list[Path]) -> bool:
        inside = found.inside | {(*path, *one) for one in inner}
        plain = all(_PLAIN_NAME.fullmatch(name) for one in inner for name in one)
        if not plain or len(inside) > MOST_UNKNOWN:
            return False
        found.inside = inside
        found.unknown |= inside
        return True

    def _place(self, found: Split, path: Path, raw: bytes) -> None:
        """Keep a value whose path belongs to no column."""
        name = name_of(self._table, path)
        if name in self._objects and compact(raw) in (b"null", b"{}"):
            return
        if name in self._derived:
            self._note(f"{name}: sent by the API too")
            found.put_aside(name, raw)
        elif name in self._columns:
            self._place_flat(found, name, raw)
        elif "__raw" in name:
            found.add(name, compact(raw))
        else:
            self._note(f"{name}: new")
            self._keep_unknown(found, path, name, raw)

    def _place_flat(self, found: Split, name: str, raw: bytes) -> None:
        """Keep a column's value that was sent under its flat name: `created_by_id`.

        If the record has both, and they are equal, the value is kept once.
        """
        column = self._columns[name]
        path = _path(column.path)
        known = found.at(path)
        if known is None and column.type.fits(raw):
            found.match(path, raw)
        elif known != compact(raw):
            self._note(f"{name}: twice")
            found.put_aside(name, raw)

    def _keep_unknown(self, found: Split, path: Path, name: str, raw: bytes) -> None:
        """Keep a field under its own name, unless SQL, which matches names without case, would
        take it for a column."""
        if name in found.names:
            name = "_".join(path)
        if name.lower() in self._lower:
            found.put_aside(name, raw)
        elif name not in found.names and self._can_learn(found, path, name):
            found.unknown.add(path)
            found.names.add(name)
            found.match(path, raw)
        else:
            found.add(name, compact(raw))

    def _can_learn(self, found: Split, path: Path, name: str) -> bool:
        """Whether a layout can learn this field besides those that it knows."""
        if name != name_of(self._table, path):
            return False
        if path in found.unknown:
            return True
        if len(found.unknown) >= MOST_UNKNOWN or len(path) >= _DEEPEST or self._declares(path):
            return False
        return all(map(_PLAIN_NAME.fullmatch, path)) and not any(
            name == name_of(self._table, other)
            or other == path[: len(other)]
            or path == other[: len(path)]
            for other in found.unknown
        )

    def _declares(self, path: Path) -> bool:
        """Whether the declaration has an object at this path."""
        place: Node | Leaf | None = self._tree
        for name in path:
            place = place.get(name) if isinstance(place, Node) else None
        return place is not None


def _path(text: str) -> Path:
    return tuple(text.split("."))


def _flattened(path: Path, raw: bytes) -> Iterator[Value]:
    inner = fields_of(raw) if raw[:1] == b"{" and len(path) < _DEEPEST else {}
    if not inner:
        yield path, raw
    for name, value in inner.items():
        yield from _flattened((*path, name), value)


def _unknown(of: Type, value: bytes) -> list[Path]:
    """The fields within a nested value that its type does not declare."""
    if not of.nested:
        return []
    try:
        return list(dict.fromkeys(of.unknown(decode_value(value))))
    except UNREADABLE:
        return []
