"""Progress bars of a load, on standard error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from claude_admin_lake.settings import MAIN

from .interrupt import ends_at_once
from .warnings import warnings_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import TaskID

    from claude_admin_lake.run.outcome import Outcome


@contextmanager
def bars(console: Console | None = None) -> Iterator[Callable[[str, Outcome], None]]:
    """Yield a callback that draws a bar for each organization's table.

    Warnings are printed above the bars.
    """
    console = console or Console(stderr=True)
    handler = RichHandler(console=console, show_time=False, show_path=False, show_level=False)
    tasks: dict[str, TaskID] = {}

    def update(organization: str, outcome: Outcome) -> None:
        name = outcome.table if organization == MAIN else f"{organization} {outcome.table}"
        if name not in tasks:
            tasks[name] = progress.add_task(name, total=outcome.plan.slices, rows=0)
        progress.update(tasks[name], completed=outcome.slices, rows=outcome.rows)

    at_once = ends_at_once(lambda: console.show_cursor(show=True))
    with warnings_on(handler), at_once, _columns(console) as progress:
        yield update


def _columns(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        console=console,
    )
