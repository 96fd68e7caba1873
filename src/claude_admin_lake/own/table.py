"""Declares a table that a person keeps: its fields, and what holds between its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from claude_admin_lake.tables import Column

Fields = dict[str, str]
"""A line's fields as text; what a line leaves out or empty is absent."""


@dataclass(frozen=True)
class Line:
    """A line of the file that a person wrote, by its number there."""

    number: int
    fields: Fields


@dataclass(frozen=True)
class Field:
    """A field of every line: its column, and the parser of its text.

    The parser returns the text to store, or raises InvalidInput.
    """

    column: Column
    parse: Callable[[str, str], str]
    required: bool = True

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name


@dataclass(frozen=True)
class OwnTable:
    """A table for all organizations in one file, without partitions; empty if there is no file.

    `conflicts` yields what is wrong with lines whose fields are right by themselves: the line's
    number, and the problem.
    """

    name: str
    comment: str
    fields: tuple[Field, ...]
    conflicts: Callable[[Iterable[Line]], Iterator[tuple[int, str]]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in SQL."""
        return tuple(one.column for one in self.fields)

    @property
    def key(self) -> str:
        """Where the file is, below the lake's prefix."""
        return f"{self.name}/{self.name}.jsonl"
