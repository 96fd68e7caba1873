"""Progress bars of a load, on standard error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from claude_admin_lake.settings import MAIN

from .interrupt import ends_immediately, interruption
from .tracker import Tracker, words
from .warnings import warnings_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID

    from claude_admin_lake.run.outcome import Outcome

_SHOW_CURSOR = "\x1b[?25h"


class _Bars(Tracker):
    """Draws a bar for each organization's table, with the time left for all of them."""

    def __init__(self, drawing: Progress) -> None:
        super().__init__()
        self._drawing = drawing
        self._tasks: dict[str, TaskID] = {}

    def progress(self, organization: str, outcome: Outcome) -> None:
        super().progress(organization, outcome)
        name = outcome.table if organization == MAIN else f"{organization} {outcome.table}"
        if name not in self._tasks:
            self._tasks[name] = self._drawing.add_task(
                name, total=outcome.plan.slices, rows=0, left=""
            )
        minutes = self.minutes_left()
        for task in self._tasks.values():
            self._drawing.update(task, left="")
        self._drawing.update(
            self._tasks[name],
            completed=outcome.slices,
            rows=outcome.rows,
            left=words(minutes) if minutes else "",
        )


@contextmanager
def bars(console: Console | None = None) -> Iterator[Tracker]:
    """Yield what draws the bars; warnings are printed above them."""
    console = console or Console(stderr=True)
    handler = RichHandler(console=console, show_time=False, show_path=False, show_level=False)
    with warnings_on(handler), _columns(console) as drawing:
        tracker = _Bars(drawing)
        with ends_immediately(lambda: _SHOW_CURSOR + interruption(*tracker.slices)):
            yield tracker


def _columns(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:18}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
    )
