"""What the commands that query a lake share: their options, and how they open it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from claude_admin_lake.clock import SystemClock

from . import REFUSED
from .options import Day, Once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from claude_admin_lake.analysis.engine import Engine


lake_option = click.option(
    "--lake", cls=Once, required=True, metavar="PLACE",
    help="The lake: a folder or s3://bucket/prefix (needs the extra s3). Example: --lake lake",
)  # fmt: skip


def lake_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--lake`, `--organization` and `--today` to a command."""
    organization = click.option(
        "--organization", cls=Once, metavar="NAME",
        help="Read only this organization's data; all by default. Example: --organization research",
    )  # fmt: skip
    today = click.option(
        "--today", type=Day(), metavar="DAY", default=lambda: SystemClock().now().date(),
        help="The value of current_date; today in UTC by default. Example: --today 2026-11-20",
    )  # fmt: skip
    return lake_option(organization(today(command)))


@contextmanager
def opened(lake: str, organization: str | None, today: date) -> Iterator[Engine]:
    """Yield an engine over the lake; errors of the analysis become the command's errors."""
    from claude_admin_lake.analysis.engine import Engine, limited  # noqa: PLC0415 - DuckDB is an extra
    from claude_admin_lake.analysis.errors import AnalysisError  # noqa: PLC0415
    from claude_admin_lake.analysis.opening import open_lake  # noqa: PLC0415

    try:
        with tempfile.TemporaryDirectory(prefix="lake-") as copies:
            found = open_lake(lake, Path(copies) / "objects", organization)
            if found.is_empty:
                click.echo(f"note: {lake} is empty; nothing is loaded yet", err=True)
            yield Engine(found, today, limited(Path(copies) / "spilled"))
    except AnalysisError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(REFUSED) from error
