"""`claude-admin-lake prices`: what an organization pays where that is not the list price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .lake import lake_options
from .own import set_options, set_table, show_table

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_SHOWN = """\
SELECT organization, model, token_type, service_tier, context_window, usd_per_million, start_date
FROM prices ORDER BY organization, model, token_type, service_tier, context_window, start_date"""


@click.group("prices", epilog="Example: claude-admin-lake prices set prices.csv --lake lake")
def command() -> None:
    """Set the prices that a lake's organizations pay, or show them.

    The view reconciliation compares usage at these prices with what was billed; what has none there
    is compared at the public list price.
    """


@command.command("set", epilog="Example: claude-admin-lake prices set prices.csv --lake lake")
@set_options
def set_(*, file: Path, lake: str, quiet: bool) -> None:
    """Replace all prices of a lake by those in FILE.

    FILE is CSV with a header, or JSON lines, with the fields organization (may be left out if there
    is only one), model (not for web_search), token_type (as in cost_report, or web_search),
    service_tier (standard if left out), context_window (every one if left out), usd_per_million
    (tokens or searches) and start_date (YYYY-MM-DD; may be left out). A header without lines
    removes all prices.
    """
    from claude_admin_lake.own.prices import PRICES  # noqa: PLC0415 - used here only

    set_table(PRICES, file, lake, quiet=quiet)


@command.command("show", epilog="Example: claude-admin-lake prices show --lake lake")
@lake_options
@click.option("--csv", is_flag=True, help="Print them as CSV. Example: --csv > prices.csv")
def show(*, lake: str, organization: str | None, today: date, csv: bool) -> None:
    """Show the prices of a lake."""
    show_table(_SHOWN, lake, organization, today, csv=csv)
