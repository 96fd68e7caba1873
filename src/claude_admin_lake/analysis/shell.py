"""SQL queries: a single statement or an interactive prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.catalog.tables import CATALOG

from .engine import VIEWS
from .errors import AnalysisError
from .text import as_csv, as_table

if TYPE_CHECKING:
    from .engine import Engine

_HELP = "End each statement with ; and press Ctrl-D to exit. \\d lists tables and views."
_LIST = r"\d"


def ask(engine: Engine, sql: str, *, csv: bool, most: int) -> str:
    """Return the result of a statement as text. Raises BadQuery if the statement cannot be run."""
    answer = engine.query(sql)
    return as_csv(answer) if csv else as_table(answer, most)


def talk(engine: Engine, *, csv: bool, most: int) -> None:
    """Run statements typed at a prompt until Ctrl-D; print errors and go on."""
    from prompt_toolkit import PromptSession  # noqa: PLC0415 - only the prompt needs it
    from prompt_toolkit.application import get_app  # noqa: PLC0415
    from prompt_toolkit.filters import Condition  # noqa: PLC0415

    unfinished = Condition(lambda: not _is_finished(get_app().current_buffer.text))
    session: PromptSession[str] = PromptSession(
        "lake > ", multiline=unfinished, prompt_continuation="     > "
    )
    print(_HELP)
    while True:
        try:
            typed = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if typed:
            print(_answer(engine, typed, csv=csv, most=most))


def listing() -> str:
    """List every table and view with its description."""
    named = [(table.name, table.comment) for table in CATALOG]
    named += [(view.name, view.comment) for view in VIEWS.values()]
    width = max(len(name) for name, _ in named)
    return "\n".join(f"{name:{width}}  {about}" for name, about in named)


def _is_finished(typed: str) -> bool:
    text = typed.strip()
    return not text or text == _LIST or text.endswith(";")


def _answer(engine: Engine, typed: str, *, csv: bool, most: int) -> str:
    if typed == _LIST:
        return listing()
    try:
        return ask(engine, typed, csv=csv, most=most)
    except AnalysisError as error:
        return f"error: {error}"
