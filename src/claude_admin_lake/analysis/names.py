"""Unknown tables and columns, named with their nearest neighbours."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from .errors import BadQuery

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_MISSING_COLUMN = re.compile(r'(?:Referenced column|column named) "([^"]+)"')
_POSITION = re.compile(r"\n+LINE \d+:.*", re.DOTALL)


def check_tables(asked: Iterable[str], known: Collection[str]) -> None:
    """Raise BadQuery for the first name that is neither a table nor a view."""
    for name in sorted(set(asked) - set(known)):
        raise BadQuery(f"there is no table or view {name!r}{_nearest(name, known)}")


def explained(message: str, columns: Sequence[str]) -> str:
    """DuckDB's error for people; `columns` are those of the tables in the statement."""
    short = _POSITION.sub("", message).strip()
    if found := _MISSING_COLUMN.search(short):
        name = found[1]
        return f"there is no column {name!r} here{_nearest(name, columns)}"
    return short


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.55)
    return f"; did you mean {' or '.join(near)}?" if near else ""
