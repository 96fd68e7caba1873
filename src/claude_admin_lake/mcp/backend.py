"""What runs a checked statement: DuckDB here, or Athena."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date

    from sqlglot import exp

    from .answers import Found
    from .coverage import Coverage


class Backend(Protocol):
    """Runs statements over one lake."""

    def query(self, tree: exp.Query, rows: int, today: date) -> Found:
        """Run a checked statement, for at most `rows` rows.

        Raises BadQuery if it cannot be run, Stopped if it needs too much time or memory.
        """
        ...

    def coverage(self, tables: set[str]) -> list[Coverage]:
        """Return which days of these base tables the lake has."""
        ...

    def close(self) -> None:
        """Free resources."""
        ...
