"""The Python library: load tables into a folder, or iterate over the rows of one table."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import warnings
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InvalidInput, RunFailed
from .laptop import run_event
from .settings import read_settings
from .tables import TABLE_NAMES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date


def load(
    lake: str | Path = "lake",
    *,
    organization: str | None = None,
    key: str | None = None,
    tables: Iterable[str] | str | None = None,
    since: date | str | None = None,
    start_date: date | str | None = None,
    end_date: date | str | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Load tables into a folder and return what happened.

    Args:
        lake: The folder. It is created if it does not exist.
        organization: The name under which the lake keeps the organization. Default: the setting
            ORGANIZATIONS, else `main`.
        key: The Admin API key. Default: the variable ANTHROPIC_ADMIN_KEY.
        tables: Names of the tables to load, or of their groups. Default: the setting TABLES.
        since: The first day of the lake, which it remembers. Default: the remembered day, else the
            setting START_DATE.
        start_date: Reload the days from this one on, and nothing else (a backfill). Default: load
            what is new or may have changed.
        end_date: The last day of a backfill. Default: yesterday.
        environment: Settings such as START_DATE. Default: the process's environment variables.

    Returns:
        The same JSON types as the command line prints. `status` is `complete` only if every
        table was loaded; `tables` has a status, a row count and an error for each table. If the
        setting ORGANIZATIONS has several names and none is given, all are loaded side by side and
        `organizations` has such a result for each.

    Raises:
        LoaderError: The load could not begin, for example because the key is wrong.
    """
    event = {
        "tables": None if tables is None else _names(tables),
        "since": None if since is None else str(since),
        "start_date": None if start_date is None else str(start_date),
        "end_date": None if end_date is None else str(end_date),
    }
    given = {name: value for name, value in event.items() if value is not None}
    return run_event(given, Path(lake), organization=organization, key=key, environment=environment)


def rows(
    table: str,
    *,
    organization: str | None = None,
    key: str | None = None,
    start_date: date | str | None = None,
    end_date: date | str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one table, read from the API.

    A row has the columns that the lake stores. Numbers with a fraction and columns declared as
    decimal are `Decimal`; rows of dated tables also have the partition column `date` as text.
    The first row is yielded after the whole table was read, so no answer is ever partial. If the
    API has changed a field that the table is useless without, such as an amount, a warning says so.

    Args:
        table: The table's name.
        organization: Whose rows, if the setting ORGANIZATIONS has several names.
        key: The Admin API key. Default: the variable ANTHROPIC_ADMIN_KEY.
        start_date: The first day of a dated table. Default: the setting START_DATE.
        end_date: The last day of a dated table. Default: yesterday.
        environment: Settings such as START_DATE. Default: the process's environment variables.

    Raises:
        LoaderError: The table could not be read completely.
    """
    variables = {**(os.environ if environment is None else environment), "LAKE_PREFIX": ""}
    _check_one(table, organization, variables)
    with tempfile.TemporaryDirectory(prefix="claude-admin-lake-") as folder:
        result = load(
            folder, organization=organization, key=key, tables=[table], start_date=start_date,
            end_date=end_date, environment=variables,
        )  # fmt: skip
        told = result["tables"][table]
        if told["status"] == "drifted":
            warnings.warn(f"{table}: {told['error']}", stacklevel=2)
        elif result["status"] != "complete":
            raise RunFailed(f"{table}: {told['error']}")
        for file in sorted(Path(folder, table).rglob("*.gz")):
            yield from _rows_of(file, _decimals(table))


def _names(tables: Iterable[str] | str) -> list[str]:
    return [tables] if isinstance(tables, str) else list(tables)


def _check_one(table: str, organization: str | None, variables: Mapping[str, str]) -> None:
    """Raise InvalidInput unless these are one table and one organization."""
    if table not in TABLE_NAMES:
        raise InvalidInput(f"table is {table!r}; must be one of {', '.join(TABLE_NAMES)}")
    names = read_settings(variables).organizations
    if organization is None and len(names) > 1:
        raise InvalidInput(f"organization is None; must be one of {', '.join(names)}")


def _decimals(table: str) -> set[str]:
    """The columns of a table that are declared as decimal."""
    columns = next(one.columns for one in TABLES if one.name == table)
    return {one.name for one in columns if one.type.hive.startswith("decimal")}


def _rows_of(file: Path, decimals: set[str]) -> Iterator[dict[str, Any]]:
    name, _, value = file.parent.name.partition("=")
    partition = {name: value} if name == "date" else {}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line, parse_float=Decimal)
            for column in decimals & row.keys():
                row[column] = None if row[column] is None else Decimal(row[column])
            yield row | partition
