"""Questions about the lake's tables instead of its rows: SHOW TABLES, DESCRIBE, and short forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from claude_admin_lake.catalog.tables import BY_NAME

from .engine import VIEWS, Answer
from .names import check_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIST = re.compile(r"(?:\\d|\\dt|show\s+(?:tables|views))\s*;?", re.IGNORECASE)
_DESCRIBE = re.compile(
    r"(?:\\d|desc|describe|show\s+columns\s+(?:from|in))\s+\"?(\w+)\"?\s*;?", re.IGNORECASE
)


def is_meta(typed: str) -> bool:
    """True for SHOW TABLES, DESCRIBE and their short forms, which need no semicolon."""
    return bool(_LIST.fullmatch(typed.strip()) or _DESCRIBE.fullmatch(typed.strip()))


def answer_meta(typed: str) -> Answer | None:
    """The answer, as rows; None if the text is a statement. Raises BadQuery for an unknown name."""
    text = typed.strip()
    if _LIST.fullmatch(text):
        return _answer(("name", "about"), sorted(_tables()))
    found = _DESCRIBE.fullmatch(text)
    if found is None:
        return None
    name = found[1].lower()
    check_tables([name], {*BY_NAME, *VIEWS})
    return _answer(("column", "type", "about"), list(_columns(name)))


def _tables() -> Iterator[tuple[str, str]]:
    yield from ((table.name, table.comment) for table in BY_NAME.values())
    yield from ((view.name, view.comment) for view in VIEWS.values())


def _columns(name: str) -> Iterator[tuple[str, str, str]]:
    if table := BY_NAME.get(name):
        for column in (*table.columns, *table.partitions):
            yield column.name, column.type.hive, column.comment
        return
    for one in VIEWS[name].columns:
        yield one.name, one.hive, one.comment


def _answer(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Answer:
    return Answer(columns, ("VARCHAR",) * len(columns), list(rows))
