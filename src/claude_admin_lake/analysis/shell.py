"""SQL queries: a single statement or an interactive prompt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .errors import AnalysisError
from .meta import answer_meta, is_meta
from .text import as_csv, as_json, as_table

if TYPE_CHECKING:
    from prompt_toolkit.history import History

    from .engine import Engine

Style = Literal["table", "csv", "json"]

HISTORY = ".claude_admin_lake_history"
"""The file in the home folder that keeps what was typed."""

_HELP = """\
SELECT …;         a query in Athena's SQL; it may take several lines and ends with ;
\\d                lists tables and views (also SHOW TABLES)
\\d NAME           lists the columns of one (also DESCRIBE NAME)
help              shows this
exit              leaves (also Ctrl-D); Ctrl-C leaves only the statement
"""
_GREETING = (
    "End each statement with ; and press Ctrl-D to exit. \\d lists tables and views; help shows"
    " all commands."
)
_EXITS = {"exit", "quit", r"\q"}
_HELPS = {"help", "?", r"\?", r"\h"}


def ask(engine: Engine, sql: str, *, style: Style, most: int) -> str:
    """Return the result of a statement as text. Raises BadQuery if the statement cannot be run."""
    answer = answer_meta(sql) or engine.query(sql)
    if style == "json":
        return as_json(answer)
    return as_csv(answer) if style == "csv" else as_table(answer, most)


def talk(engine: Engine, *, style: Style, most: int) -> None:
    """Run statements typed at a prompt until Ctrl-D; print errors and go on."""
    from prompt_toolkit import PromptSession  # noqa: PLC0415 - only the prompt needs it
    from prompt_toolkit.application import get_app  # noqa: PLC0415
    from prompt_toolkit.filters import Condition  # noqa: PLC0415

    unfinished = Condition(lambda: not _is_finished(get_app().current_buffer.text))
    session: PromptSession[str] = PromptSession(
        "lake > ", multiline=unfinished, prompt_continuation="     > ", history=_history()
    )
    print(_GREETING)
    while True:
        try:
            typed = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if _word(typed) in _EXITS:
            return
        if typed:
            print(_answer(engine, typed, style=style, most=most))


def _history() -> History:
    """What was typed before, if the home folder can keep it."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory  # noqa: PLC0415 - see talk

    file = Path.home() / HISTORY
    try:
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))


def _word(typed: str) -> str:
    return typed.strip().rstrip(";").strip().lower()


def _is_finished(typed: str) -> bool:
    text = typed.strip()
    return not text or text.endswith(";") or is_meta(text) or _word(text) in _EXITS | _HELPS


def _answer(engine: Engine, typed: str, *, style: Style, most: int) -> str:
    if _word(typed) in _HELPS:
        return _HELP.rstrip()
    try:
        return ask(engine, typed, style=style, most=most)
    except AnalysisError as error:
        return f"error: {error}"
    except KeyboardInterrupt:
        return "cancelled"
