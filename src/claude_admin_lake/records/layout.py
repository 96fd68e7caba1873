"""The fast path from raw records to lines: works on whole columns, never on single values. Pure.

A layout is made from a table's declaration and from the unknown fields that the API has sent so
far. msgspec's parser checks names and types while it reads; each further step is one call for all
records of a batch.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import repeat
from typing import Any, Union

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import astuple

from claude_admin_lake.tables import Derived, Table
from claude_admin_lake.tables.types import Type, array, nullable

from .tree import Leaf, Node, Path, leaves_of, second_name, tree_of

Common = Sequence[Raw | None]
Column = Sequence[Any]

encoder = msgspec.json.Encoder(decimal_format="number")
_INDEX = re.compile(r".* - at `\$\[(\d+)\]", re.DOTALL)
"""Greedy, because the message may quote a name that looks like an index before the real one."""


class Odd(Exception):
    """A record that does not match the layout; `at` is its index in the batch."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class Layout:
    """How records of one table are parsed and written."""

    def __init__(self, table: Table, unknown: frozenset[Path] = frozenset()) -> None:
        self.unknown = unknown
        computed = {*table.common, *(derived.column for derived in table.derived)}
        self._tree = tree_of(table, unknown, without=computed)
        leaves = list(leaves_of(self._tree))
        self._names = [leaf.name for leaf in leaves]
        self._checks = [(leaf.name, leaf.type.sound) for leaf in leaves if leaf.type.sound]
        self._parse = msgspec.json.Decoder(list[_struct(self._tree)]).decode  # type: ignore[misc]
        self._derived = [(one, array(_type(table, one))) for one in table.derived]
        added = sorted(leaf.name for leaf in leaves if not leaf.known)
        self._stored = [name for name in table.column_names if name not in computed]
        self._added = added
        self._row = _row([*table.column_names, *added])
        self._partition_field = table.partition_field
        self._second = [(one.name, second_name(one)) for one in table.columns if one.otherwise]

    def columns(self, raws: Sequence[Raw]) -> dict[str, Column]:
        """The records as columns. Raises Odd for the first record that does not match."""
        try:
            records = self._parse(b"[" + b",".join(raws) + b"]")
        except msgspec.ValidationError as error:
            found = _INDEX.match(str(error))
            raise Odd(int(found[1]) if found else 0) from error
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise Odd(0) from error
        if len(records) != len(raws):
            raise Odd(0)
        columns = dict(zip(self._names, _columns(records, self._tree), strict=True))
        for name, sound in self._checks:
            column = columns[name]
            if not sound([x for x in column if x is not None and x is not UNSET]):
                raise Odd(_first_unsound(column, sound))
        for name, second in self._second:
            columns[name] = _either(columns[name], columns[second])
        return columns

    def stated_days(self, columns: dict[str, Column]) -> set[object]:
        """The days that the records state, if they have a field for it."""
        return set(columns[self._partition_field]) if self._partition_field else set()

    def derived(self, columns: dict[str, Column]) -> dict[str, Column]:
        """The derived columns."""
        return {
            one.column: one.of(*(columns[field] for field in one.fields))
            for one, _ in self._derived
        }

    def lines(
        self, columns: dict[str, Column], derived: dict[str, Column], common: Common
    ) -> bytes:
        """The records as JSON lines, each with its line end. Raises Odd if a derived value does
        not fit its column."""
        for one, array_type in self._derived:
            _check(derived[one.column], array_type)
        stored = [columns[name] for name in self._stored]
        added = [columns[name] for name in self._added]
        made = map(self._row, *map(repeat, common), *stored, *derived.values(), *added)
        return encoder.encode_lines(list(made))


def _struct(tree: Node) -> type[msgspec.Struct]:
    """A parser type for an object with these fields, or fewer, and no other."""
    fields: list[Any] = []
    for n, inner in enumerate(tree.values()):
        name = f"field_{n}"
        if isinstance(inner, Leaf) and inner.known:
            fields.append((name, nullable(inner.type.parsed), None))
        elif isinstance(inner, Leaf):
            fields.append((name, Union[Raw, UnsetType], UNSET))  # noqa: UP007
        elif inner.known:
            made = _struct(inner)
            fields.append((name, nullable(made), msgspec.field(default_factory=made)))
        else:
            fields.append((name, Union[_struct(inner), UnsetType], UNSET))  # noqa: UP007
    return msgspec.defstruct(
        "Record",
        fields,
        rename={f"field_{n}": name for n, name in enumerate(tree)},
        forbid_unknown_fields=True,
        gc=False,
    )


def _columns(structs: Iterable[msgspec.Struct], tree: Node) -> Iterator[Column]:
    """Take structs apart into columns, one for each leaf of their tree."""
    fields = zip(*map(astuple, structs), strict=True)
    for column, inner in zip(fields, tree.values(), strict=True):
        if isinstance(inner, Leaf):
            yield column
        else:
            yield from _columns(_present(column, inner), inner)


def _either(first: Column, second: Column) -> Column:
    """The first column, with its nulls filled from the second. Raises Odd if they contradict."""
    if all(x is None for x in second):
        return first
    for at, (x, y) in enumerate(zip(first, second, strict=True)):
        if x is not None and y is not None and x != y:
            raise Odd(at)
    return [y if x is None else x for x, y in zip(first, second, strict=True)]


def _present(column: Sequence[Any], tree: Node) -> Sequence[Any]:
    """The structs of an object that records may lack: a blank one replaces null or absence.

    A declared object may be empty. An unknown one that is empty must not be mistaken for absent.
    """
    if tree.known and None not in column:
        return column
    blank = next((type(x)() for x in column if x is not UNSET and x is not None), None)
    blank = blank or _struct(tree)()
    if tree.known:
        return [blank if value is None else value for value in column]
    for at, value in enumerate(column):
        if value == blank:
            raise Odd(at)
    return [blank if value is UNSET else value for value in column]


def _check(derived: Column, array_type: Type) -> None:
    if not array_type.fits(encoder.encode(derived)):
        values = enumerate(derived)
        raise Odd(next(at for at, x in values if not array_type.fits(encoder.encode([x]))))


def _first_unsound(column: Column, sound: Any) -> int:
    values = enumerate(column)
    return next(at for at, x in values if x is not None and x is not UNSET and not sound([x]))


def _row(names: Sequence[str]) -> Any:
    fields = [f"column_{n}" for n in range(len(names))]
    return msgspec.defstruct("Row", fields, rename=dict(zip(fields, names, strict=True)), gc=False)


def _type(table: Table, derived: Derived) -> Type:
    return next(column.type for column in table.columns if column.name == derived.column)


decode_value = msgspec.json.Decoder(float_hook=Decimal).decode
"""Decodes values that Python code looks at: integers of any size, fractions as Decimal."""
