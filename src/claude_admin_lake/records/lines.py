"""From raw records to the lines of an object. Pure.

A nested object is flattened by joining names with `_`. Every declared column is in every row and
holds its declared type or null. Fields that no declaration knows follow, sorted by name, so that
the same record gives the same line whatever was read before it.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Raw

from claude_admin_lake.errors import BadAnswer, scrub
from claude_admin_lake.shapes import Common
from claude_admin_lake.shapes.stamps import check_day
from claude_admin_lake.tables import Table

from .layout import Layout, Odd, decode_value, encoder
from .odd import Split, Splitter, fields_of

_MOST_DRIFT = 100
"""Differences noted for one table; an object with open names could bring any number."""


class LineMaker:
    """Makes the lines of one table; `drift` says where the API and the declaration differ.

    A batch that matches the table's layout is parsed and written as a whole. A record that does
    not match is taken out and goes the slow way alone. Fields that it brought become part of the
    layout, so a field that the API adds to every record costs only once.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._layout = Layout(table)
        self._splitter = Splitter(table, self._note)
        self.drift: set[str] = set()

    def lines(self, raws: Sequence[Raw], common: Common, day: date | None) -> bytes:
        """The records as lines, each with its line end.

        `common` are fields that every record gets; `day` is the day that the records must be of.
        Raises BadAnswer if a record is not a JSON object or is of another day.
        """
        values = self._common(common)
        if values is None:
            return b"".join(self._odd_line(raw, common, day) for raw in raws)
        made: list[bytes] = []
        while raws:
            try:
                made.append(self._lines(raws, values, day))
                break
            except Odd as odd:
                if odd.at:
                    made.append(self._lines(raws[: odd.at], values, day))
                made.append(self._odd_line(raws[odd.at], common, day))
                raws = raws[odd.at + 1 :]
        return b"".join(made)

    def _common(self, common: Common) -> tuple[Raw, ...] | None:
        """The common fields' values; None unless they are the declared ones and strings."""
        plain = tuple(common) == self._table.common and all(x[:1] == b'"' for x in common.values())
        return tuple(common.values()) if plain else None

    def _lines(
        self, raws: Sequence[Raw], common: tuple[Raw | None, ...], day: date | None
    ) -> bytes:
        columns = self._layout.columns(raws)
        if day:
            for stated in self._layout.stated_days(columns):
                check_day(stated, day)
        return self._layout.lines(columns, common)

    def _odd_line(self, raw: Raw, common: Common, day: date | None) -> bytes:
        record = {**common, **fields_of(raw)}
        stated = record.get(self._table.partition_field or "")
        if day and stated is not None:
            check_day(decode_value(stated), day)
        split = self._splitter.split(record, self._layout.unknown)
        if split.unknown != self._layout.unknown:
            self._layout = Layout(self._table, frozenset(split.unknown))
        values = tuple(split.matching.pop(name, None) for name in self._table.common)
        return self._with_added(self._matching_line(split, values), split)

    def _matching_line(self, split: Split, common: tuple[Raw | None, ...]) -> bytes:
        """The line of the part that matches; derived values that do not fit are put aside."""
        raw = Raw(encoder.encode(split.matching))
        try:
            return self._lines([raw], common, None)
        except Odd as odd:
            raise BadAnswer(f"a record cannot be stored: {scrub(bytes(raw).decode())}") from odd

    def _with_added(self, line: bytes, split: Split) -> bytes:
        """The line with the fields that are added, those besides the columns sorted by name."""
        if not split.added:
            return line
        row = fields_of(Raw(line))
        columns = {name: row.pop(name) for name in self._table.column_names}
        others = sorted({**row, **split.added}.items())
        return encoder.encode(columns | dict(others)) + b"\n"

    def _note(self, difference: str) -> None:
        if len(self.drift) < _MOST_DRIFT:
            self.drift.add(scrub(difference))
