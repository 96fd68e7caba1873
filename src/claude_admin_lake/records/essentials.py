"""Whether a slice holds what its table is for: values in the essential columns. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from claude_admin_lake.tables import Columns


class Essentials:
    """Watches the essential columns of one slice after the other."""

    def __init__(self, columns: Columns) -> None:
        self._names = {column.name for column in columns if column.essential}
        self._needed = {one.name for one in columns if one.essential and not one.may_lack}
        self.begin()

    def begin(self) -> None:
        """Start a slice."""
        self._null: set[str] = set(self._needed)
        self._aside: set[str] = set()
        self._has_rows = False

    def see(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Look at the columns of some rows. Costs nothing once every column has had a value."""
        self._has_rows = True
        if self._null:
            self._null = {
                name for name in self._null if columns[name].count(None) == len(columns[name])
            }

    def put_aside(self, names: Collection[str]) -> None:
        """Note columns whose values were kept as text, because they don't fit."""
        self._aside |= self._names.intersection(names)

    def lost(self) -> Iterator[str]:
        """What the slice lacks; nothing if it has no rows."""
        if self._has_rows:
            yield from (f"{name}: in {name}__raw" for name in sorted(self._aside))
            yield from (f"{name}: null in every row" for name in sorted(self._null - self._aside))
