"""`claude-admin-lake budgets`: what an organization or a part of it may spend in a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .lake import lake_options
from .own import set_options, set_table, show_table

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_SHOWN = """\
SELECT organization, scope, id, amount_usd, start_month, end_month FROM budgets
ORDER BY organization, scope, id, start_month"""


@click.group("budgets", epilog="Example: claude-admin-lake budgets set budgets.csv --lake lake")
def command() -> None:
    """Set the budgets of a lake, or show them. The view budget_status compares them with costs."""


@command.command("set", epilog="Example: claude-admin-lake budgets set budgets.csv --lake lake")
@set_options
def set_(*, file: Path, lake: str, quiet: bool) -> None:
    """Replace all budgets of a lake by those in FILE.

    FILE is CSV with a header, or JSON lines, with the fields organization (may be left out if there
    is only one), scope (organization, workspace, api_key, person or model), id (not for the
    organization), amount_usd (for each month), start_month and end_month (YYYY-MM; may be left
    out). A header without lines removes all budgets.
    """
    from claude_admin_lake.own.budgets import BUDGETS  # noqa: PLC0415 - used here only

    set_table(BUDGETS, file, lake, quiet=quiet)


@command.command("show", epilog="Example: claude-admin-lake budgets show --lake lake")
@lake_options
@click.option("--csv", is_flag=True, help="Print them as CSV. Example: --csv > budgets.csv")
def show(*, lake: str, organization: str | None, today: date, csv: bool) -> None:
    """Show the budgets of a lake."""
    show_table(_SHOWN, lake, organization, today, csv=csv)
