"""A record that is split into what its layout accepts and the rest. Pure."""

from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.tables.types import compact

from .layout import encoder
from .tree import Path

Fields = dict[str, bytes]

UNREADABLE = (ValueError, ArithmeticError, RecursionError)
"""What decoding raises for texts that other parsers accept as JSON."""
_fields = msgspec.json.Decoder(dict[str, Raw]).decode


def fields_of(raw: bytes | Raw) -> Fields:
    """The fields of a raw record; raises BadAnswer if it is not a JSON object."""
    try:
        str(raw, "utf-8")  # the parser does not check what it leaves unparsed
        return {name: bytes(value) for name, value in _fields(raw).items()}
    except msgspec.ValidationError as error:
        raise BadAnswer(f"a record is not an object: {error}") from error
    except UNREADABLE as error:
        raise BadAnswer(f"a record is not JSON: {error}") from error


class Split(Struct):
    """A split record.

    `matching` is the part for the layout, which must know the fields in `unknown`; `inside` are
    those of them within nested columns. `added` goes into the row beside it. `aside` are the
    columns whose value is kept as text.
    """

    unknown: set[Path]
    matching: dict[str, Any] = field(default_factory=dict)
    added: Fields = field(default_factory=dict)
    inside: set[Path] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    aside: set[str] = field(default_factory=set)

    def put_aside(self, name: str, raw: bytes) -> None:
        """Keep a value that its column cannot hold, as JSON text."""
        self.aside.add(name)
        self.add(f"{name}__raw", encoder.encode(compact(raw).decode()))

    def add(self, name: str, raw: bytes) -> None:
        """Add a field under the first free name: name, name_2, name_3."""
        n, free = 1, name
        while free in self.names:
            n, free = n + 1, f"{name}_{n + 1}"
        self.names.add(free)
        self.added[free] = raw

    def match(self, path: Path, raw: bytes) -> None:
        """Put a value into the matching part."""
        place = self.matching
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = Raw(compact(raw))

    def at(self, path: Path) -> bytes | None:
        """The value at a path of the matching part, if it has one."""
        value = self._object(path).get(path[-1])
        return None if value is None else bytes(value)

    def take(self, path: Path) -> bytes:
        """Remove a value from the matching part and return it."""
        return bytes(self._object(path).pop(path[-1]))

    def _object(self, path: Path) -> dict[str, Any]:
        place = self.matching
        for name in path[:-1]:
            place = place.get(name, {})
        return place
