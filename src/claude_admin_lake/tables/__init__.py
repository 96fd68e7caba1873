"""The tables as declarations: what they are called, where they come from, what is in them."""

from .access import Access, Key
from .columns import LOAD_RUNS, Column, Columns
from .groups import DATED, DEFAULT, GROUPS, NAMES, TABLE_NAMES, Choice, choose
from .paging import Paging
from .registry import IDENTITY, TABLES
from .table import DEFAULT_WORKSPACE, STANDARD, Choices, Days, Derived, Optional, Parent, Table

__all__ = [
    "DATED",
    "DEFAULT",
    "DEFAULT_WORKSPACE",
    "GROUPS",
    "IDENTITY",
    "LOAD_RUNS",
    "NAMES",
    "STANDARD",
    "TABLES",
    "TABLE_NAMES",
    "Access",
    "Choice",
    "Choices",
    "Column",
    "Columns",
    "Days",
    "Derived",
    "Key",
    "Optional",
    "Paging",
    "Parent",
    "Table",
    "choose",
]
