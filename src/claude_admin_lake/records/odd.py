"""The slow path: what to do with a record that does not match its table's layout. Pure.

It is split into a part that matches and the rest. The part goes through the layout like every
other record; of the rest nothing is lost: unknown fields keep their flattened names, and a value
that its column cannot hold is kept as JSON text in `<column>__raw`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.tables import Table
from claude_admin_lake.tables.types import Type, compact

from .layout import Leaf, Node, Path, decode_value, encoder, tree_of

Fields = dict[str, Raw]
Value = tuple[Path, Raw]

_fields = msgspec.json.Decoder(Fields).decode
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)
_MOST_UNKNOWN = 100
"""Unknown fields that a table's layout may learn; open names could bring any number."""


def fields_of(raw: Raw) -> Fields:
    """The fields of a raw record; raises BadAnswer if it is not a JSON object."""
    try:
        return _fields(raw)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"a record is not an object: {error}") from error
    except _UNREADABLE as error:
        raise BadAnswer(f"a record is not JSON: {error}") from error


class Split(Struct):
    """A record taken apart: the part that matches, what is added to its row, and the unknown
    fields that a layout must know to take the part."""

    matching: dict[str, Any] = field(default_factory=dict)
    added: Fields = field(default_factory=dict)
    unknown: set[Path] = field(default_factory=set)

    def put_aside(self, name: str, raw: bytes) -> None:
        """Keep a value that its column cannot hold, as JSON text."""
        self.add(f"{name}__raw", encoder.encode(compact(raw).decode()))

    def add(self, name: str, raw: bytes) -> None:
        """Add a field, under the next name that is free: name, name_2, name_3."""
        n, free = 1, name
        while free in self.added:
            n, free = n + 1, f"{name}_{n + 1}"
        self.added[free] = Raw(raw)


class Splitter:
    """Splits records of one table; `note` is told how the API and the declaration differ."""

    def __init__(self, table: Table, note: Callable[[str], None]) -> None:
        self._note = note
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
        """Split a record, of which a layout already knows some unknown fields."""
        found, others = Split(unknown=set(known)), list[Value]()
        self._walk(self._tree, record, (), found, others)
        for path, raw in others:
            self._place(found, path, raw)
        return found

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

    def _take(self, leaf: Leaf, path: Path, raw: Raw, found: Split) -> None:
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
            _set(found.matching, path, Raw(value))
        else:
            self._note(f"{leaf.name}: not {leaf.type.hive}")
            found.put_aside(leaf.name, raw)

    def _fits(self, of: Type, value: bytes, unknown: list[Path]) -> bool:
        for path in unknown:
            of = of.with_unknown(path)
        return of.fits(value)

    def _learn(self, found: Split, path: Path, inner: list[Path]) -> bool:
        wanted = {(*path, *one) for one in inner} - found.unknown
        if len(wanted) + len(found.unknown) > _MOST_UNKNOWN:
            return not wanted
        found.unknown |= wanted
        return True

    def _place(self, found: Split, path: Path, raw: Raw) -> None:
        """Keep a value for which the record's place has no column."""
        name = "_".join(path)
        if name in self._objects and raw in (b"null", b"{}"):
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
            self._keep_unknown(found, path, raw)

    def _place_flat(self, found: Split, name: str, raw: Raw) -> None:
        """A column's value under its flat name: `created_by_id` for `created_by.id`."""
        column = self._columns[name]
        path = tuple(column.path.split("."))
        if not _has(found.matching, path) and column.type.fits(raw):
            _set(found.matching, path, Raw(compact(raw)))
        else:
            self._note(f"{name}: twice")
            found.put_aside(name, raw)

    def _keep_unknown(self, found: Split, path: Path, raw: Raw) -> None:
        """Keep a field under its own name, unless SQL, which matches names without case, would
        take it for a column."""
        name = "_".join(path)
        if name.lower() in self._lower:
            found.put_aside(name, raw)
        elif path in found.unknown or self._is_free(found, path):
            found.unknown.add(path)
            _set(found.matching, path, Raw(compact(raw)))
        else:
            found.add(name, compact(raw))

    def _is_free(self, found: Split, path: Path) -> bool:
        """Whether a layout can know this field beside those that it knows."""
        if len(found.unknown) >= _MOST_UNKNOWN:
            return False
        name = "_".join(path)
        return not any(
            name == "_".join(other) or other == path[: len(other)] or path == other[: len(path)]
            for other in found.unknown
        )


def _flattened(path: Path, raw: Raw) -> Iterator[Value]:
    inner = fields_of(raw) if raw[:1] == b"{" else {}
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
    except _UNREADABLE:
        return []


def _set(tree: dict[str, Any], path: Path, value: Raw) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _has(tree: dict[str, Any], path: Path) -> bool:
    for name in path[:-1]:
        tree = tree.get(name, {})
    return path[-1] in tree
