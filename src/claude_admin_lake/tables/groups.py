"""Groups of tables, and the tables that names of groups and tables stand for."""

from collections.abc import Collection

from msgspec import Struct

from .registry import TABLES
from .table import STANDARD

GROUPS = tuple(dict.fromkeys(table.group for table in TABLES))
"""The names of all groups."""

TABLE_NAMES = tuple(table.name for table in TABLES)
DATED = tuple(table.name for table in TABLES if table.days)
"""The tables that have days; the others are snapshots."""
NAMES = (*GROUPS, *TABLE_NAMES)
"""What may be named where tables are chosen."""

DEFAULT = (STANDARD, "analytics")
"""What is loaded unless something else is chosen."""


class Choice(Struct, frozen=True):
    """Some of the tables, in the order in which a run loads them.

    `optional` are those that only a group brought in, other than the standard group: not every
    organization is offered them.
    """

    tables: tuple[str, ...]
    optional: frozenset[str] = frozenset()


def choose(names: Collection[str]) -> Choice:
    """The tables that names of groups and tables stand for."""
    chosen = [table for table in TABLES if {table.name, table.group} & set(names)]
    return Choice(
        tuple(table.name for table in chosen),
        frozenset(
            table.name for table in chosen if table.group != STANDARD and table.name not in names
        ),
    )
