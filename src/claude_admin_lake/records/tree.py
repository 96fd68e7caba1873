"""The fields of a table's records, as the API nests them. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from claude_admin_lake.tables import Table
from claude_admin_lake.tables.types import STRING, Type, are_compact

Path = tuple[str, ...]


def _are_flat(raws: list[Any]) -> bool:
    """Whether JSON texts can be written as they are: an object with fields is flattened."""
    texts = map(bytes, raws)
    return all(x[:1] != b"{" or x == b"{}" for x in texts) and are_compact(raws)


_FLAT = Type("any", msgspec.Raw, sound=_are_flat)


class Leaf(NamedTuple):
    """A field whose value becomes a column, under the name that the row has for it."""

    name: str
    type: Type
    known: bool = True


class Node(dict[str, "Leaf | Node"]):
    """The fields of a JSON object; `known` if a declaration has it."""

    known = True


def tree_of(table: Table, unknown: Iterable[Path] = (), without: Iterable[str] = ()) -> Node:
    """The fields of a table's records: declared columns, then unknown fields seen before."""
    tree = Node()
    for column in table.columns:
        if column.name not in without:
            *parents, last = column.path.split(".")
            place = tree
            for parent in parents:
                place = place.setdefault(parent, Node())  # type: ignore[assignment]
            place[last] = Leaf(column.name, column.type)
    if table.partition_field:
        tree[table.partition_field] = Leaf(table.partition_field, STRING)
    for path in sorted(unknown):
        _add(tree, path)
    return tree


def _add(tree: Node, path: Path) -> None:
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
    place[path[-1]] = Leaf("_".join(path), _FLAT, known=False)


def leaves_of(tree: Node) -> Iterator[Leaf]:
    """The leaves of a tree, in order."""
    for inner in tree.values():
        if isinstance(inner, Leaf):
            yield inner
        else:
            yield from leaves_of(inner)
