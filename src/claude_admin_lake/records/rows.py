"""From a raw record to the row that is stored. Pure.

A nested object is flattened by joining names with `_`. Every declared column is in every row and
holds its declared type or null: a value that does not fit goes as JSON text into
`<column>__raw`. What no declaration knows is kept under its own name. Nothing is lost.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from claude_admin_lake.errors import BadAnswer, scrub
from claude_admin_lake.tables import Table

Record = dict[str, Any]

_MOST_DRIFT = 100
"""Differences noted for one table; an object with open names could bring any number."""

# Numbers keep their exact text: integers of any size stay integers, fractions become Decimal.
decode_value = msgspec.json.Decoder(float_hook=Decimal).decode
_encoder = msgspec.json.Encoder(decimal_format="number")
encode, encode_lines = _encoder.encode, _encoder.encode_lines


def decode_record(raw: msgspec.Raw) -> Record:
    """The record in a page's raw JSON; raises BadAnswer if it is none."""
    try:
        record = decode_value(raw)
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError) as error:
        raise BadAnswer(f"a record is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise BadAnswer(f"a record is {type(record).__name__}, not an object")
    return record


def check_day(stated: object, day: date) -> None:
    """Raise BadAnswer if a record says that it is of another day; one may say nothing."""
    if stated is not None and not str(stated).startswith(day.isoformat()):
        raise BadAnswer(f"the API sent a record of {stated!r} where {day} was asked for")


def stated_day(stated: object) -> date | None:
    """The day that a time stamp begins with; older answers give the day alone."""
    try:
        return date.fromisoformat(str(stated)[:10])
    except ValueError:
        return None


class RowMaker:
    """Makes the rows of one table; `drift` says where the API and the declaration differ."""

    def __init__(self, table: Table) -> None:
        self._derived = table.derived
        self._partition_field = table.partition_field
        self._blank: Record = dict.fromkeys(table.column_names)
        self._fits = {column.name: column.type.fits for column in table.columns}
        self._hive = {column.name: column.type.hive for column in table.columns}
        self._unknown = {c.name: c.type.unknown for c in table.columns if c.type.nested}
        self._whole = {column.name for column in table.columns if column.type.nested}
        self._wraps = [column.name for column in table.columns if column.type.wraps_scalar]
        self._objects = _prefixes(table.column_names)
        self._lower = {name.lower() for name in table.column_names}
        self.drift: set[str] = set()

    def row(self, record: Record) -> Record:
        """The record as a row; the record itself is not changed."""
        flat: Record = {}
        self._flatten(record, "", flat)
        self._adjust(record, flat)
        row = self._blank.copy()
        for name, value in flat.items():
            fits = self._fits.get(name)
            if fits is None:
                self._keep_unknown(row, name, value)
            elif value is None or fits(value):
                row[name] = value
                if value and name in self._unknown:
                    for path in self._unknown[name](value):
                        self._note(f"{name}{path}: new")
            else:
                self._note(f"{name}: not {self._hive[name]}")
                _put_aside(row, name, value)
        return row

    def _flatten(self, record: Mapping[str, Any], prefix: str, flat: Record) -> None:
        for key, value in record.items():
            name = prefix + key
            if type(value) is dict and value and name not in self._whole:
                self._flatten(value, name + "_", flat)
            elif name in flat:
                self._note(f"{name}: twice")
                _put_aside(flat, name, value)
            else:
                flat[name] = value

    def _adjust(self, record: Record, flat: Record) -> None:
        """What this table's declaration adds, drops and wraps."""
        if self._partition_field:
            flat.pop(self._partition_field, None)
        for name in self._wraps:
            if isinstance(flat.get(name), str):
                flat[name] = [flat[name]]
        for derived in self._derived:
            name = derived.column
            if name in flat:
                self._note(f"{name}: sent by the API too")
                _put_aside(flat, name, flat[name])
            flat[name] = derived.of(*map(record.get, derived.fields))

    def _keep_unknown(self, row: Record, name: str, value: object) -> None:
        """Keep what no column is declared for. SQL matches names without case, so one that
        differs from a column in its case only must not keep its name."""
        if name in self._objects and (value is None or value == {}):
            return
        if "__raw" in name:
            row[_free(row, name)] = value
            return
        self._note(f"{name}: new")
        if name.lower() in self._lower:
            _put_aside(row, name, value)
        else:
            row[name] = value

    def _note(self, difference: str) -> None:
        if len(self.drift) < _MOST_DRIFT:
            self.drift.add(scrub(difference))


def _prefixes(names: Iterable[str]) -> set[str]:
    """The names that declared columns were flattened from: `a` and `a_b` for `a_b_c`."""
    return {name[:at] for name in names for at, letter in enumerate(name) if letter == "_"}


def _put_aside(row: Record, name: str, value: object) -> None:
    """Keep a value that its column cannot hold, beside those put aside already."""
    row[_free(row, f"{name}__raw")] = _text(value)


def _free(row: Record, name: str) -> str:
    """The name, or the next one that is not taken: name_2, name_3."""
    n, free = 1, name
    while free in row:
        n, free = n + 1, f"{name}_{n + 1}"
    return free


def _text(value: object) -> str:
    return encode(value).decode()
