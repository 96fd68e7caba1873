"""`claude-admin-lake budgets`: what an organization or a part of it may spend in a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .lake import lake_options, opened
from .options import Once
from .own import set_table

if TYPE_CHECKING:
    from datetime import date

_SHOWN = """\
SELECT organization, scope, id, amount_usd, start_month, end_month FROM budgets
ORDER BY organization, scope, id, start_month"""


@click.group("budgets", epilog="Example: claude-admin-lake budgets set budgets.csv --lake lake")
def command() -> None:
    """Set the budgets of a lake, or show them. The view budget_status compares them with costs."""


@command.command("set", epilog="Example: claude-admin-lake budgets set budgets.csv --lake lake")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--lake", cls=Once, required=True, metavar="PLACE",
    help="The lake: a folder or s3://bucket/prefix (needs the extra s3). Example: --lake lake",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Do not say what was set. Example: --quiet")
def set_(*, file: Path, lake: str, quiet: bool) -> None:
    """Replace all budgets of a lake by those in FILE.

    FILE is CSV with a header, or JSON lines, with the fields organization (may be left out if there
    is only one), scope (organization, workspace, api_key, person or model), id (not for the
    organization), amount_usd (for each month), start_month and end_month (YYYY-MM; may be left
    out). A header without lines removes all budgets.
    """
    from claude_admin_lake.own.budgets import BUDGETS  # noqa: PLC0415 - used here only

    lines = set_table(BUDGETS, file, lake)
    if not quiet:
        click.echo(f"set {lines:,} budget{'' if lines == 1 else 's'} in {lake}")


@command.command("show", epilog="Example: claude-admin-lake budgets show --lake lake")
@lake_options
@click.option("--csv", is_flag=True, help="Print them as CSV. Example: --csv > budgets.csv")
def show(*, lake: str, organization: str | None, today: date, csv: bool) -> None:
    """Show the budgets of a lake."""
    with opened(lake, organization, today) as engine:
        from claude_admin_lake.analysis.shell import ask  # noqa: PLC0415 - DuckDB is an extra

        print(ask(engine, _SHOWN, style="csv" if csv else "table", most=1_000))
