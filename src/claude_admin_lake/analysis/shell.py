"""Asking in SQL: once, or at a prompt."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from claude_admin_lake.catalog.tables import CATALOG

from .engine import VIEWS
from .errors import AnalysisError
from .text import as_csv, as_table

if TYPE_CHECKING:
    import argparse

    from .engine import Engine

_HELP = "End a statement with ; and the session with Ctrl-D. \\d lists tables and views."


def ask(engine: Engine, sql: str, options: argparse.Namespace) -> None:
    """Run a statement and print what it yields. Raises BadQuery if it cannot be run."""
    answer = engine.query(sql)
    print(as_csv(answer) if options.csv else as_table(answer, options.rows))


def talk(engine: Engine, options: argparse.Namespace) -> None:
    """Read statements from a terminal until it ends; a wrong one is explained."""
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415 - arrow keys, where there are any
    print(_HELP)
    typed = ""
    while True:
        try:
            typed += input("     > " if typed else "lake > ") + "\n"
        except EOFError:
            print()
            return
        if typed.strip() == r"\d":
            print(listing())
            typed = ""
        elif typed.rstrip().endswith(";"):
            try:
                ask(engine, typed, options)
            except AnalysisError as error:
                print(f"error: {error}")
            typed = ""


def listing() -> str:
    """Every table and view with what it is."""
    named = [(table.name, table.comment) for table in CATALOG]
    named += [(view.name, view.comment) for view in VIEWS.values()]
    width = max(len(name) for name, _ in named)
    return "\n".join(f"{name:{width}}  {about}" for name, about in named)
