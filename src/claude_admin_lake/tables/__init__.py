"""The tables as declarations: what they are called, where they come from, what is in them."""

from .columns import LOAD_RUNS, Column, Columns
from .paging import Paging
from .registry import IDENTITY, TABLES
from .table import Choices, Days, Derived, Parent, Table

__all__ = [
    "IDENTITY",
    "LOAD_RUNS",
    "TABLES",
    "Choices",
    "Column",
    "Columns",
    "Days",
    "Derived",
    "Paging",
    "Parent",
    "Table",
]
