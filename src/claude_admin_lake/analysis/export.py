"""Writes the rows of a statement to a file: CSV, Excel or Parquet, by the name's ending."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from .errors import AnalysisError, BadQuery
from .meta import answer_meta, is_meta
from .text import as_csv, plain

if TYPE_CHECKING:
    from pathlib import Path

    from .engine import Answer, Engine

_BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads a CSV file as if it were in the computer's old character set."""

_EXACT_DIGITS = 15
"""Significant digits that a number in a spreadsheet keeps."""

_MOST_ROWS, _MOST_CHARACTERS = 1_048_575, 32_767
"""Rows that a sheet can have below its header, and characters, counted in UTF-16 units, that a cell
can have (Excel specifications and limits)."""


def export(engine: Engine, sql: str, file: Path) -> int:
    """Write all rows to the file; returns how many there are.

    Raises BadQuery if the statement cannot be run, AnalysisError if the file cannot be written.
    """
    kind = file.suffix.lower()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if kind == ".parquet":
            if is_meta(sql):
                raise BadQuery("SHOW TABLES and DESCRIBE have no types; must be .csv or .xlsx")
            return engine.copy_to_parquet(sql, file)
        answer = answer_meta(sql) or engine.query(sql)
        if kind == ".csv":
            file.write_text(f"{_BYTE_ORDER_MARK}{as_csv(answer)}\n", "utf-8")
        else:
            _write_sheet(answer, file)
    except OSError as error:
        raise AnalysisError(f"cannot write {file}: {error.strerror or error}") from error
    return len(answer.rows)


def _write_sheet(answer: Answer, file: Path) -> None:
    import xlsxwriter  # noqa: PLC0415 - only this kind of file needs it

    if len(answer.rows) > _MOST_ROWS:
        raise BadQuery(f"{len(answer.rows):,} rows; a sheet can have {_MOST_ROWS:,}: use .csv")
    cells = [list(map(_cell, answer.columns, row)) for row in answer.rows]
    with (
        file.open("wb") as opened,
        xlsxwriter.Workbook(opened, {"strings_to_formulas": False}) as book,
    ):
        sheet = book.add_worksheet("rows")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, answer.columns, book.add_format({"bold": True}))
        for at, row in enumerate(cells, start=1):
            for column, value in enumerate(row):
                _write_cell(sheet, at, column, value)
        sheet.autofilter(0, 0, len(cells), max(0, len(answer.columns) - 1))


def _cell(column: str, value: object) -> object:
    """The value if a spreadsheet keeps all of it, else text. Raises BadQuery for a longer text."""
    if value is None or isinstance(value, bool) or _is_kept(value):
        return value
    text = plain(value)
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > _MOST_CHARACTERS:
        raise BadQuery(
            f"{column} has a text of {length:,} characters; a cell can have {_MOST_CHARACTERS:,}:"
            " use .csv"
        )
    return text


def _is_kept(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if not isinstance(value, int | Decimal):
        return False
    return len(Decimal(value).normalize().as_tuple().digits) <= _EXACT_DIGITS


def _write_cell(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)
