"""The result of a load, as people read it on a terminal."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from claude_admin_lake import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EXAMPLE = "'SELECT * FROM cost_daily ORDER BY day DESC LIMIT 10'"
_STYLES = {
    "loaded": "green",
    "planned": "cyan",
    "forbidden": "yellow",
    "drifted": "yellow",
    "not_offered": "dim",
}


def show(result: dict[str, Any], lake: Path, console: Console | None = None) -> None:
    """Print a table of each organization's result, the errors, and what to do next."""
    console = console or Console()
    for organization, one in result.get("organizations", {}).items():
        console.print(Text(organization, style="bold"))
        _show(one, lake, console)
    if "organizations" not in result:
        _show(result, lake, console)


def _show(result: dict[str, Any], lake: Path, console: Console) -> None:
    if result["status"] == "failed":
        console.print(Text(f"It could not begin: {result['error']}", style="red"), soft_wrap=True)
        return
    if result["tables"]:
        console.print(_plan(result) if result.get("dry_run") else _table(result))
    for name, one in result["tables"].items():
        if one.get("error"):
            style = "dim" if one["status"] == "not_offered" else "red"
            console.print(Text(f"{name}: {one['error']}", style=style), soft_wrap=True)
    if result.get("note"):
        console.print(Text(f"Note: {result['note']}.", style="yellow"), soft_wrap=True)
    for line in _next(result, lake):
        console.print(Text(line), soft_wrap=True)


def _table(result: dict[str, Any]) -> Table:
    table = Table("Table", "Status")
    for name in ("Days", "Rows"):
        table.add_column(name, justify="right")
    table.add_column("Complete through")
    for name, one in result["tables"].items():
        objects = one["objects_written"] + one["objects_unchanged"]
        days = f"{objects:,}" if one["cursor"] else "–"
        table.add_row(name, _status(one), days, f"{one['rows']:,}", one["cursor"] or "–")
    return table


def _plan(result: dict[str, Any]) -> Table:
    table = Table("Table", "Status", "Days")
    table.add_column("Requests", justify="right")
    for name, one in result["tables"].items():
        table.add_row(name, _status(one), ", ".join(one["days"]) or "–", f"{one['requests']:,}")
    return table


def _status(one: dict[str, Any]) -> Text:
    return Text(one["status"], style=_STYLES.get(one["status"], "red"))


def _next(result: dict[str, Any], lake: Path) -> Iterator[str]:
    folder = shlex.quote(str(lake))
    if result["status"] == "busy":
        yield f"Another load into {lake} is running. Nothing was read; try again when it has ended."
    elif result.get("dry_run"):
        yield f"At least {result['requests']:,} requests, {result['minutes']} minutes."
        yield "Next: the same command without --dry-run."
    elif result["status"] != "complete":
        yield "Something is missing. The same command retries it; what was loaded is kept."
        if result["remaining"]:
            yield f"The event that continues: {json.dumps(result['remaining'])}"
    else:
        yield f"Everything is in {lake}. Next:"
        yield f"  {NAME} sql --lake {folder} {_EXAMPLE}"
        yield f"  {NAME} report --lake {folder} --out report.html"
