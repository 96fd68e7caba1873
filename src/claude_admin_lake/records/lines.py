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
from claude_admin_lake.tables.types import STRING

from .essentials import Essentials
from .layout import Layout, Odd, decode_value, encoder
from .odd import MOST_UNKNOWN, Splitter
from .split import UNREADABLE, Split, fields_of

MOST_VALUES = 100_000
"""Most values in a record on the slow path, which needs some 400 bytes of memory for each."""
_MOST_DRIFT = 100
"""Most differences noted for one table; an object with open names could bring any number."""


class LineMaker:
    """Makes the lines of one table. `drift` lists how the API differs from the declaration.

    A batch that matches the table's layout is parsed and written as a whole. A record that does
    not match takes the slow path alone. Its unknown fields become part of the layout, so a field
    that the API adds to every record costs time only once.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._layout = Layout(table)
        self._splitter = Splitter(table, self._note)
        self._essentials = Essentials(table.columns)
        self.drift: set[str] = set()

    def begin(self) -> None:
        """Start a slice."""
        self._essentials.begin()

    def lost(self) -> list[str]:
        """The essential columns without any value, or with values of another type, in the slice."""
        lost = list(self._essentials.lost())
        for difference in lost:
            self._note(difference)
        return lost

    def lines(self, raws: Sequence[Raw], common: Common, day: date | None) -> bytes:
        """The records as lines, each with its line end.

        `common` are fields that every record gets; `day` is the day that the records must have.
        Raises BadAnswer if a record is not a JSON object or is of another day.
        """
        values = self._common(common)
        if values is None:
            return b"".join(self._odd_line(raw, common, day) for raw in raws)
        made, end = list[bytes](), len(raws)
        while raws:
            try:
                made.append(self._lines(self._layout, raws[:end], values, day))
            except Odd as odd:
                if 0 < odd.at < end:
                    end = odd.at
                    continue
                made.append(self._odd_line(raws[0], common, day))
                end = 1
            raws = raws[end:]
            end = len(raws)
        return b"".join(made)

    def _common(self, common: Common) -> tuple[Raw, ...] | None:
        """The common fields' values; None unless they are the declared ones and strings."""
        values = tuple(common.values())
        plain = tuple(common) == self._table.common and all(map(_is_text, values))
        return values if plain else None

    def _lines(
        self, layout: Layout, raws: Sequence[Raw], common: Sequence[Raw | None], day: date | None
    ) -> bytes:
        columns = layout.columns(raws)
        self._essentials.see(columns)
        if day:
            for stated in layout.stated_days(columns):
                check_day(stated, day)
        return layout.lines(columns, layout.derived(columns), common)

    def _odd_line(self, raw: Raw, common: Common, day: date | None) -> bytes:
        text = bytes(raw)
        if text.count(b",") > MOST_VALUES:
            raise BadAnswer(f"a record has more than {MOST_VALUES:,} values")
        given = {name: bytes(value) for name, value in common.items()}
        record = {**given, **fields_of(text)}
        if day and self._table.partition_field in record:
            check_day(_value(record[self._table.partition_field]), day)
        split = self._splitter.split(record, self._layout.unknown)
        return self._with_added(self._matching_line(self._layout_for(split), split), split)

    def _layout_for(self, split: Split) -> Layout:
        """A layout for the matching part. It is kept unless it knows too many fields already."""
        if split.unknown == self._layout.unknown:
            return self._layout
        layout = Layout(self._table, frozenset(split.unknown))
        if len(split.unknown) <= MOST_UNKNOWN:
            self._layout = layout
        return layout

    def _matching_line(self, layout: Layout, split: Split) -> bytes:
        """The line of the matching part. Derived values that do not fit are put aside."""
        common = [split.matching.pop(name, None) for name in self._table.common]
        raw = Raw(encoder.encode(split.matching))
        try:
            columns = layout.columns([raw])
        except Odd as odd:
            raise BadAnswer(f"a record cannot be stored: {bytes(raw).decode()}") from odd
        self._essentials.see(columns)
        self._essentials.put_aside(split.aside)
        derived = layout.derived(columns)
        for column in self._table.columns:
            if column.name in derived:
                text = encoder.encode(derived[column.name][0])
                if not column.type.fits(text):
                    self._note(f"{column.name}: not {column.type.hive}")
                    split.put_aside(column.name, text)
                    derived[column.name] = [None]
        return layout.lines(columns, derived, common)

    def _with_added(self, line: bytes, split: Split) -> bytes:
        """The line with the added fields; fields that are no columns follow, sorted by name."""
        if not split.added:
            return line
        row = fields_of(Raw(line))
        columns = {name: row.pop(name) for name in self._table.column_names}
        fields = columns | dict(sorted({**row, **split.added}.items()))
        return encoder.encode({name: Raw(value) for name, value in fields.items()}) + b"\n"

    def _note(self, difference: str) -> None:
        if len(self.drift) < _MOST_DRIFT:
            self.drift.add(scrub(difference))


def _is_text(value: Raw) -> bool:
    return STRING.fits(value) and bytes(value) != b"null"


def _value(raw: bytes) -> object:
    try:
        return decode_value(raw)
    except UNREADABLE:
        return raw
