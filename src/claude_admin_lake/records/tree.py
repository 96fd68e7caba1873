"""The fields of a table's records, as the API nests them. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from claude_admin_lake.tables import Column, Table
from claude_admin_lake.tables.types import STRING, Type, are_compact

Path = tuple[str, ...]


def _are_flat(raws: list[Any]) -> bool:
    """Whether JSON texts can be written unchanged. An object with fields has to be flattened."""
    texts = map(bytes, raws)
    return all(x[:1] != b"{" or x == b"{}" for x in texts) and are_compact(raws)


_FLAT = Type("any", msgspec.Raw, sound=_are_flat)


class Leaf(NamedTuple):
    """A field whose value becomes a column; `name` is the column's name."""

    name: str
    type: Type
    known: bool = True


class Node(dict[str, "Leaf | Node"]):
    """The fields of a JSON object. `known` if it is declared."""

    known = True


def tree_of(table: Table, unknown: Iterable[Path] = (), without: Iterable[str] = ()) -> Node:
    """The fields of a table's records: declared columns, then unknown fields seen before."""
    tree = Node()
    for column in table.columns:
        if column.name not in without:
            _declare(tree, column.path, Leaf(column.name, column.type))
        if column.otherwise:
            _declare(tree, column.otherwise, Leaf(second_name(column), column.type))
    if table.partition_field:
        tree[table.partition_field] = Leaf(table.partition_field, STRING)
    for path in sorted(unknown):
        _add(tree, path, name_of(table, path))
    return tree


def second_name(column: Column) -> str:
    """The temporary name of a column's second value, until it is merged into the column."""
    return column.otherwise.replace(".", "_")


def name_of(table: Table, path: Path) -> str:
    """The name of a field's column: its path, joined, without the wrapper's name unless a declared
    column already has the shorter name."""
    name, short = "_".join(path), "_".join(path[1:])
    lifted = short and path[0] in table.wrappers
    return short if lifted and short.lower() not in table.column_names else name


def _declare(tree: Node, path: str, leaf: Leaf) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, Node())  # type: ignore[assignment]
    tree[last] = leaf


def _add(tree: Node, path: Path, column: str) -> None:
    """Add an unknown field; inside a nested column it widens the column's type."""
    place = tree
    for at, name in enumerate(path[:-1]):
        inner = place.get(name)
        if isinstance(inner, Leaf):
            place[name] = inner._replace(type=inner.type.with_unknown(path[at + 1 :]))
            return
        if inner is None:
            inner = place[name] = Node()
            inner.known = False
        place = inner
    place[path[-1]] = Leaf(column, _FLAT, known=False)


def leaves_of(tree: Node) -> Iterator[Leaf]:
    """The leaves of a tree, in order."""
    for inner in tree.values():
        if isinstance(inner, Leaf):
            yield inner
        else:
            yield from leaves_of(inner)
