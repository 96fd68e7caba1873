"""How often a view reads each table, from the SQL itself."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

VIEWS = Path(__file__).resolve().parents[2] / "src" / "claude_admin_lake" / "catalog" / "views"


@cache
def scans(view: str) -> Counter[str]:
    """Reads of each table. Athena works a WITH clause out again wherever it is used, and views
    are no more than text, so that reads multiply."""
    parsed = sqlglot.parse_one((VIEWS / f"{view}.sql").read_text(), read="athena")
    return _reads(parsed, {})


def _reads(query: exp.Expr, known: dict[str, Counter[str]]) -> Counter[str]:
    body, known = query.copy(), dict(known)
    clause = body.find(exp.With)
    if clause:
        for one in clause.expressions:
            known[one.alias] = _reads(one.this, known)
        clause.pop()
    found: Counter[str] = Counter()
    for table in body.find_all(exp.Table):
        found += _of(table.name, known)
    return found


def _of(name: str, known: dict[str, Counter[str]]) -> Counter[str]:
    if name in known:
        return known[name]
    return scans(name) if (VIEWS / f"{name}.sql").exists() else Counter({name: 1})
