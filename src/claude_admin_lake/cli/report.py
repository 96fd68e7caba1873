"""`claude-admin-lake report`: a page about a lake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from claude_admin_lake.clock import SystemClock

from .lake import lake_options, opened
from .options import Day, Once
from .written import tell_written, written_options

if TYPE_CHECKING:
    from datetime import date


@click.command("report", epilog="Example: claude-admin-lake report --lake lake --out report.html")
@lake_options
@click.option(
    "--out",
    cls=Once,
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Write the page to this file. Example: --out report.html",
)
@click.option(
    "--start-date",
    cls=Once,
    type=Day(),
    metavar="DAY",
    help="The first day; 29 days before the last by default. Example: --start-date 2026-11-01",
)
@click.option(
    "--end-date", cls=Once, type=Day(), metavar="DAY",
    help="The last day; the last with data by default. Example: --end-date 2026-11-30",
)  # fmt: skip
@written_options
def command(
    *, lake: str, organization: str | None, today: date, out: Path, start_date: date | None,
    end_date: date | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Write an HTML report about a lake: spend, tokens, keys, Claude Code, access.

    The page is one file and needs no network.
    """
    with opened(lake, organization, today) as engine:
        from claude_admin_lake.analysis.report import (  # noqa: PLC0415 - see opened
            read_numbers,
            write_report,
        )

        numbers = read_numbers(engine, start_date, end_date, today)
        write_report(numbers, out, SystemClock().now())
    tell_written(out, as_json=as_json, quiet=quiet)
