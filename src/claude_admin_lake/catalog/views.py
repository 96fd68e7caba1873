"""Reads the views and saved queries from SQL files that contain their own descriptions.

A view file begins with a comment, `-- <name>: <description>`. Its outermost SELECT is the last one
that starts a line. Each of its columns is one line,
`CAST(<expression> AS <type>) AS <name>  -- <meaning>`. The types and descriptions in Glue are
taken from these lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .hive import from_trino

VIEWS = Path(__file__).parent / "views"
QUERIES = Path(__file__).parent / "queries"

_TITLE = re.compile(r"-- (?P<name>\w+): (?P<comment>.+)")
_COLUMN = re.compile(
    r"    CAST\(.+ AS (?P<type>[a-z]+(\(\d+(, ?\d+)?\))?)\) AS (?P<name>\w+),?"
    r"  -- (?P<comment>.+)"
)


@dataclass(frozen=True)
class ViewColumn:
    """One column of a view; its type is Hive's."""

    name: str
    hive: str
    comment: str


@dataclass(frozen=True)
class Script:
    """An SQL file with its title."""

    name: str
    comment: str
    sql: str

    @cached_property
    def columns(self) -> tuple[ViewColumn, ...]:
        """The columns of the outermost SELECT. Raises ValueError for a column without a CAST."""
        lines = self.sql.splitlines()
        start = max(at for at, line in enumerate(lines) if line == "SELECT")
        end = next(at for at, line in enumerate(lines) if at > start and line.startswith("FROM"))
        found = [_COLUMN.fullmatch(line) for line in lines[start + 1 : end]]
        if not all(found):
            bad = lines[start + 1 + found.index(None)]
            raise ValueError(f"{self.name}: not CAST(… AS type) AS name  -- meaning: {bad}")
        return tuple(
            ViewColumn(
                one["name"].lower(), from_trino(one["type"].replace(" ", "")), one["comment"]
            )
            for one in found
            if one
        )


def read(file: Path) -> Script:
    """Read a script from a file. Its title must begin with the file's name."""
    text = file.read_text("utf-8").rstrip()
    title = _TITLE.match(text)
    if not title or title["name"] != file.stem:
        raise ValueError(f"{file} must begin with: -- {file.stem}: what it is")
    if "${" in text or text.endswith(";"):
        raise ValueError(f"{file} must contain neither ${{ nor a final semicolon")
    return Script(file.stem, title["comment"], text)


def views() -> tuple[Script, ...]:
    """All views, by name."""
    return tuple(read(file) for file in sorted(VIEWS.glob("*.sql")))


def queries() -> tuple[Script, ...]:
    """All saved queries, by name."""
    return tuple(read(file) for file in sorted(QUERIES.glob("*.sql")))
