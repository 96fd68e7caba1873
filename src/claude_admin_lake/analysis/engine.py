"""Runs DuckDB over a lake, with the catalog's tables and views."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import duckdb

from claude_admin_lake.catalog.hive import duckdb as duckdb_type
from claude_admin_lake.catalog.tables import BY_NAME
from claude_admin_lake.catalog.views import views

from .dialect import MACROS, SETTINGS, plain_tables_in, tables_in, to_duckdb
from .errors import BadQuery, NoLake
from .names import check_tables, explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from claude_admin_lake.catalog.tables import CatalogTable

    from .lake import Lake

_LONGEST_LINE = 1 << 25
"""Bytes. Each of DuckDB's threads needs twice as much memory to read files."""

VIEWS = {view.name: view for view in views()}


@dataclass(frozen=True)
class Answer:
    """The result of a statement."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Engine:
    """Answers Athena SQL over a lake; each table is read on first use."""

    def __init__(self, lake: Lake, today: date, settings: Iterable[str] = ()) -> None:
        self._lake, self._today = lake, today
        self._made: set[str] = set()
        self._first: dict[str, date] = {}
        self._database = duckdb.connect()
        for statement in (*SETTINGS, *MACROS, *settings):
            self._database.execute(statement)

    def bound(self, view: str, first: date) -> None:
        """Leave out days before `first` when a table that the view names is read later.

        Tables already in use are not read again.
        """
        self._first |= dict.fromkeys(tables_in(VIEWS[view].sql), first)

    def query(self, sql: str, most: int | None = None) -> Answer:
        """Run one statement, for all rows or at most `most`. Raises BadQuery if it fails."""
        columns, rows = self._run(sql, self._prepared(sql), most)
        names, types = (tuple(str(one[at]) for one in columns) for at in (0, 1))
        return Answer(names, types, rows)

    def copy_to_parquet(self, sql: str, file: Path) -> int:
        """Write a statement's rows to a Parquet file; returns how many there are.

        Raises BadQuery if the statement fails.
        """
        copy = f"COPY ({self._prepared(sql)}) TO {_text(str(file))} (FORMAT parquet)"
        _, ((rows,),) = self._run(sql, copy, None)
        return int(rows)

    def _prepared(self, sql: str) -> str:
        """Return the statement for DuckDB, after creating the tables and views that it reads.

        Raises BadQuery if it cannot be translated or names an unknown table.
        """
        try:
            sql.encode()
        except UnicodeEncodeError as error:
            raise BadQuery(f"the statement is not UTF-8: {error}") from error
        translated = to_duckdb(sql, self._today)
        check_tables(plain_tables_in(sql), {*BY_NAME, *VIEWS})
        for name in sorted(tables_in(sql)):
            self.need(name)
        return translated

    def _run(self, sql: str, translated: str, most: int | None) -> tuple[list[Any], list[Any]]:
        """The columns and rows, from another thread: Ctrl-C does not reach one inside DuckDB.

        Raises BadQuery if the statement fails, which may be while its rows are fetched.
        """

        def run() -> tuple[list[Any], list[Any]]:
            found = self._database.execute(translated)
            rows = found.fetchall() if most is None else found.fetchmany(most)
            return found.description or [], rows

        with ThreadPoolExecutor(1) as thread:
            try:
                return thread.submit(run).result()
            except KeyboardInterrupt:
                self._database.interrupt()
                raise
            except duckdb.Error as error:
                raise BadQuery(explained(str(error), _columns(tables_in(sql)))) from error

    def need(self, name: str) -> None:
        """Create a table or view, and everything it reads, unless it exists."""
        if name in self._made:
            return
        self._made.add(name)
        try:
            with _reading(name):
                self._make(name)
        except NoLake:
            self._made.discard(name)
            raise

    def keep(self, name: str) -> None:
        """Materialize a view, for a caller that queries it many times."""
        self.need(name)
        with _reading(name):
            self._database.execute(f"CREATE TABLE kept AS SELECT * FROM {name}")
            self._replace(name)

    def stream(self, view: str) -> None:
        """Let each query read the files of the view's dated table, which is too large to keep."""
        source = _dated_table(view)
        if source.name in self._made:
            self._database.execute(f"DROP TABLE {source.name}")
        self._made.add(source.name)
        with _reading(source.name):
            self._database.execute(self._made_of(self._lake.files(source), source, "VIEW"))

    def keep_by_day(self, view: str, first: date) -> None:
        """Materialize a streamed view from `first` on, one day after the other.

        A day's rows must come from that day's rows of the dated table. Memory then follows the
        largest day.
        """
        source = _dated_table(view)
        files = self._lake.files(source, first)
        self.need(view)
        with _reading(source.name):
            self._database.execute(f"CREATE TABLE kept AS SELECT * FROM {view} WHERE false")
            for _, of_day in groupby(sorted(files, key=_partition), key=_partition):
                self._database.execute(self._made_of(list(of_day), source, "VIEW"))
                self._database.execute(f"INSERT INTO kept SELECT * FROM {view}")
            self._database.execute(self._made_of(files, source, "VIEW"))
            self._replace(view)

    def _replace(self, view: str) -> None:
        self._database.execute(f"DROP VIEW {view}")
        self._database.execute(f"ALTER TABLE kept RENAME TO {view}")

    def _make(self, name: str) -> None:
        if table := BY_NAME.get(name):
            files = self._lake.files(table, self._first.get(name))
            self._database.execute(self._made_of(files, table, "TABLE"))
        elif view := VIEWS.get(name):
            for inner in sorted(tables_in(view.sql)):
                self.need(inner)
            self._database.execute(f"CREATE VIEW {name} AS {to_duckdb(view.sql, self._today)}")

    def _made_of(self, files: Sequence[Path], table: CatalogTable, kind: str) -> str:
        """Return the statement that makes a table or view of the declared columns in files."""
        types = {one.name: duckdb_type(one.type.hive) for one in table.columns}
        partitions = [one.name for one in table.partitions]
        created = f"CREATE OR REPLACE {kind} {table.name} AS SELECT"
        if not files:
            empty = types | dict.fromkeys(partitions, "VARCHAR")
            columns = ", ".join(f'CAST(NULL AS {one}) AS "{name}"' for name, one in empty.items())
            return f"{created} {columns} WHERE false"
        wanted = ", ".join(f'"{name}"' for name in (*types, *partitions))
        declared = ", ".join(f"{_text(name)}: {_text(one)}" for name, one in types.items())
        return (
            f"{created} {wanted} FROM read_json("
            f"[{', '.join(_text(str(file)) for file in files)}], columns = {{{declared}}}, "
            f"format = 'newline_delimited', maximum_object_size = {_LONGEST_LINE}, "
            f"{self._own() if table.is_own else _partitioned(partitions)}"
        )

    def _own(self) -> str:
        """The rest of a statement that reads a table of all organizations."""
        only = self._lake.organization
        return ")" if only is None else f") WHERE organization = {_text(only)}"


def _partitioned(partitions: Iterable[str]) -> str:
    """The rest of a statement that reads a table with partitions."""
    types = ", ".join(f"{name}: VARCHAR" for name in partitions)
    return f"compression = 'gzip', hive_partitioning = true, hive_types = {{{types}}})"


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Raise DuckDB's errors as NoLake, with the name of what could not be read."""
    try:
        yield
    except duckdb.Error as error:
        raise NoLake(f"cannot read {name}: {error}") from error


def _dated_table(view: str) -> CatalogTable:
    """The only table of a view that has a partition for each day."""
    tables = (BY_NAME[name] for name in tables_in(VIEWS[view].sql) if name in BY_NAME)
    (dated,) = (one for one in tables if one.by_day)
    return dated


def _partition(file: Path) -> str:
    return file.parent.name


def _columns(names: Iterable[str]) -> list[str]:
    """The columns of some tables and views."""
    found: set[str] = set()
    for name in names:
        if table := BY_NAME.get(name):
            found |= {one.name for one in (*table.columns, *table.partitions)}
        elif view := VIEWS.get(name):
            found |= {one.name for one in view.columns}
    return sorted(found)


def limited(spill: Path) -> tuple[str, ...]:
    """Return the settings that keep memory small: what does not fit is written to a folder."""
    return (
        f"SET temp_directory = {_text(str(spill))}",
        "SET memory_limit = '400MB'",
        "SET threads = 2",
    )


def _text(value: str) -> str:
    """Quote a string for SQL."""
    return "'" + value.replace("'", "''") + "'"
