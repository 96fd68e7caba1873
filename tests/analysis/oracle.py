"""Athena, as far as we can tell: the Glue API's definitions over the objects they point at.

Knows nothing of the project but what is deployed. Reads each object by the rules of Trino's Hive
JSON reader: declared columns and types only, absent is null, unknown is ignored, and a value that
makes Athena fail a query fails here.
"""

import base64
import gzip
import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from claude_admin_lake.analysis.dialect import MACROS, SETTINGS, tables_in, to_duckdb
from claude_admin_lake.catalog import hive

BIGINT = range(-(2**63), 2**63)
Get = Callable[[str], list[tuple[str, bytes]]]
"""Objects, as name and body, below an s3:// address."""


class HiveError(Exception):
    """Athena would fail the whole query."""


def read(line: bytes, columns: dict[str, hive.Type]) -> dict[str, Any]:
    """One line as Athena sees it."""
    try:
        record = json.loads(line, parse_float=Decimal)
    except ValueError as error:
        raise HiveError(f"not JSON: {line[:80]!r}") from error
    if not isinstance(record, dict):
        raise HiveError(f"not an object: {line[:80]!r}")
    lower = {name.lower(): value for name, value in record.items()}
    return {name: value_of(lower.get(name), kind) for name, kind in columns.items()}


def value_of(value: Any, kind: hive.Type) -> Any:
    """A JSON value as one of the declared type."""
    if value is None:
        return None
    match kind:
        case hive.Array(item):
            return [value_of(one, item) for one in _is(list, value)]
        case hive.Map(of):
            return {key: value_of(one, of) for key, one in _is(dict, value).items()}
        case hive.Struct(fields):
            lower = {name.lower(): one for name, one in _is(dict, value).items()}
            return {name: value_of(lower.get(name), one) for name, one in fields}
        case hive.Scalar(name):
            return _scalar(value, name)


def _is(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise HiveError(f"{value!r} is no {kind.__name__}")
    return value


def _scalar(value: Any, name: str) -> Any:
    if isinstance(value, dict | list):
        raise HiveError(f"{value!r} is no {name}")
    if name == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    if name == "boolean":
        return str(value).lower() == "true"
    if name == "bigint":
        return _bigint(value)
    if name.startswith("decimal"):
        return _decimal(value, *map(int, re.findall(r"\d+", name)))
    raise HiveError(f"no rule for {name}")


def _bigint(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or int(value) not in BIGINT:
        raise HiveError(f"{value!r} is no bigint")
    return int(value)


def _decimal(value: Any, precision: int, scale: int) -> str | None:
    try:
        number = Decimal(str(value))
        step = Decimal(1).scaleb(-scale)
        return format(number.quantize(step, ROUND_HALF_UP, Context(prec=precision)), "f")
    except InvalidOperation:
        return None


def projected(table: dict[str, Any], today: date) -> Iterator[tuple[dict[str, str], str]]:
    """The partitions that Athena enumerates: their values, and where they are."""
    names = [key["Name"] for key in table["PartitionKeys"]]
    said = table["Parameters"]
    if not names:
        assert set(said) == {"EXTERNAL", "classification"}
        yield {}, table["StorageDescriptor"]["Location"]
        return
    assert said["projection.enabled"] == "true"
    for values in itertools.product(*(_values(said, name, today) for name in names)):
        place = said["storage.location.template"]
        for name, value in zip(names, values, strict=True):
            place = place.replace(f"${{{name}}}", value)
        yield dict(zip(names, values, strict=True)), place


def _values(said: dict[str, str], name: str, today: date) -> list[str]:
    """What a partition column is projected to."""
    asked = f"projection.{name}."
    if said[f"{asked}type"] == "enum":
        return said[f"{asked}values"].split(",")
    assert said[f"{asked}type"] == "date"
    assert said[f"{asked}format"] == "yyyy-MM-dd"
    assert (said[f"{asked}interval"], said[f"{asked}interval.unit"]) == ("1", "DAYS")
    first, last = said[f"{asked}range"].split(",")
    assert last == "NOW"
    start = date.fromisoformat(first)
    return [str(start + timedelta(days=n)) for n in range((today - start).days + 1)]


def rows(table: dict[str, Any], get: Get, today: date) -> Iterator[dict[str, Any]]:
    """All rows of a deployed table."""
    serde = table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert serde == "org.apache.hive.hcatalog.data.JsonSerDe"
    declared = table["StorageDescriptor"]["Columns"]
    columns = {one["Name"]: hive.parse(one["Type"]) for one in declared}
    assert all(name == name.lower() for name in columns)
    for partition, place in projected(table, today):
        for name, body in get(place):
            text = gzip.decompress(body) if name.endswith(".gz") else body
            for line in text.splitlines():
                yield read(line, columns) | partition


class Oracle:
    """DuckDB filled with what Athena would read, and asked in Athena's words."""

    def __init__(self, tables: list[Any], get: Get, today: date, scratch: Path) -> None:
        self.tables = {one["Name"]: one for one in tables}
        self.views = {
            name: view_of(one)
            for name, one in self.tables.items()
            if one["TableType"] == "VIRTUAL_VIEW"
        }
        self._get, self._today, self._scratch = get, today, scratch
        self._made: set[str] = set()
        self.database = duckdb.connect()
        for statement in (*SETTINGS, *MACROS):
            self.database.execute(statement)

    def query(self, sql: str) -> Any:
        """A DuckDB result; everything the statement reads is there first."""
        for name in tables_in(sql):
            self._need(name)
        return self.database.execute(to_duckdb(sql, self._today))

    def types(self, view: str) -> dict[str, str]:
        """What the view's query yields: column and type."""
        found = self.query(f"SELECT * FROM {view}").description
        return {str(name).lower(): str(kind) for name, kind, *_ in found}

    def _need(self, name: str) -> None:
        if name in self._made:
            return
        self._made.add(name)
        if name not in self.views:
            self._fill(name, self.tables[name])
            return
        sql = self.views[name]["originalSql"]
        for inner in tables_in(sql):
            self._need(inner)
        self.database.execute(f"CREATE VIEW {name} AS {to_duckdb(sql, self._today)}")

    def _fill(self, name: str, table: dict[str, Any]) -> None:
        columns = [*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"]]
        types = {one["Name"]: hive.duckdb(one["Type"]) for one in columns}
        declared = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        self.database.execute(f"CREATE TABLE {name} ({declared})")
        made = [json.dumps(row) for row in rows(table, self._get, self._today)]
        if made:
            file = self._scratch / f"{name}.jsonl"
            file.write_text("\n".join(made), "utf-8")
            given = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
            self.database.execute(
                f"INSERT INTO {name} SELECT * FROM read_json('{file}', "
                f"columns = {{{given}}}, format = 'newline_delimited')"
            )


def view_of(table: dict[str, Any]) -> dict[str, Any]:
    """What Athena finds in a view's Glue table."""
    assert table["Parameters"]["presto_view"] == "true"
    assert table["ViewExpandedText"] == "/* Presto View */"
    encoded = re.fullmatch(r"/\* Presto View: (\S+) \*/", table["ViewOriginalText"])
    assert encoded
    made: dict[str, Any] = json.loads(base64.b64decode(encoded[1], validate=True))
    assert made["catalog"] == "awsdatacatalog"
    assert made["schema"] == table["DatabaseName"]
    names = [one["Name"] for one in table["StorageDescriptor"]["Columns"]]
    kinds = [hive.trino(one["Type"]) for one in table["StorageDescriptor"]["Columns"]]
    assert made["columns"] == [
        {"name": name, "type": kind} for name, kind in zip(names, kinds, strict=True)
    ]
    return made
