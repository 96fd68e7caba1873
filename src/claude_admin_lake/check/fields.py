"""The fields and types of records, without any values, so that they can be shared. Pure.

The name of a field is shown if the object that contains it is declared. A name in any other object
may be a value, such as a workspace's tag or a person's address as a key. So may a name that does
not look like those of the API.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from claude_admin_lake.tables.types import STRING, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from msgspec import Raw

    from claude_admin_lake.tables import Table

Path = tuple[str, ...]
Node = dict[str, Any] | Type | None
"""What is declared at a path: an object with further names, a type, or nothing."""

OTHER_NAME = "(another name)"
_EACH, _ANY_NAME = "[]", "*"
_PLAIN = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object",
          list: "array", type(None): "null"}  # fmt: skip


class Field(Struct, frozen=True, kw_only=True):
    """A field's declared type and the types that the API sent; `seen` is empty if it sent none."""

    path: str
    declared: str | None
    seen: tuple[str, ...]

    @property
    def note(self) -> str:
        """What is remarkable about it."""
        if self.declared is None:
            return "new"
        return "" if self.seen else "not sent"


def fields_of(table: Table, records: Iterable[Mapping[str, Raw]]) -> list[Field]:
    """Every declared field of a table, and every field that the records have, by path."""
    tree = _tree(table)
    declared = dict(_declared(tree))
    seen: dict[Path, set[str]] = defaultdict(set)
    for record in records:
        value = {name: json.loads(bytes(raw)) for name, raw in record.items()}
        for path, kind in _walk(value, (), tree):
            seen[path].add(kind)
    objects = {path[:n] for path in declared for n in range(len(path))} - set(declared)
    usual = {path for path in objects if seen[path] <= {"object"}}
    declared |= dict.fromkeys(objects, "object")
    return [
        Field(path=".".join(path), declared=declared.get(path), seen=tuple(sorted(seen[path])))
        for path in sorted({*declared, *seen} - usual)
    ]


def _tree(table: Table) -> dict[str, Any]:
    """The declared columns as nested objects; computed columns are not the API's."""
    computed = {one.column for one in table.derived}
    tree: dict[str, Any] = {table.partition_field: STRING} if table.partition_field else {}
    for column in table.columns:
        if column.name not in computed:
            for path in filter(None, (column.path, column.otherwise)):
                *way, last = path.split(".")
                node = tree
                for name in way:
                    node = node.setdefault(name, {})
                node[last] = column.type
    return tree


def _declared(node: Node, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The path and the type of everything that is declared."""
    if isinstance(node, Type):
        yield path, node.hive
    for name, inner in _inside(node).items():
        yield from _declared(inner, (*path, name))


def _inside(node: Node) -> dict[str, Any]:
    """What is declared in an object, an array or a map."""
    if not isinstance(node, Type):
        return node or {}
    if node.item:
        return {_EACH if node.hive.startswith("array") else _ANY_NAME: node.item}
    return dict(node.fields)


def _walk(value: Any, path: Path, node: Node) -> Iterator[tuple[Path, str]]:
    """The path and kind of every value, with only the names that may be shown."""
    yield path, _KINDS[type(value)]
    inside = _inside(node)
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, (*path, _EACH), inside.get(_EACH))
    elif isinstance(value, dict) and node is not None:
        for name, one in value.items():
            shown = _shown(name, inside)
            yield from _walk(one, (*path, shown), inside.get(shown))


def _shown(name: str, inside: Mapping[str, Any]) -> str:
    """A field's name, if it cannot be a value."""
    if _ANY_NAME in inside or name in inside:
        return name if name in inside else _ANY_NAME
    return name if _PLAIN.fullmatch(name) else OTHER_NAME
