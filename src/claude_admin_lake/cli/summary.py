"""The result of a load, as people read it on a terminal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from claude_admin_lake import NAME
from claude_admin_lake.tables import DATED

from .problems import problems

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
    if result.get("tables"):
        console.print(_plan(result) if result.get("dry_run") else _table(result))
    for line in problems(result):
        style = "yellow" if line.startswith("note: ") else "red"
        console.print(Text(line, style=style), soft_wrap=True)
    if absent := [name for name, one in result.get("tables", {}).items() if _is_absent(one)]:
        console.print(Text(f"not offered: {', '.join(absent)}", style="dim"), soft_wrap=True)
    for line in _next(result, lake):
        console.print(Text(line), soft_wrap=True)


def _table(result: dict[str, Any]) -> Table:
    table = Table("Table", "Status")
    for name in ("Days", "Rows", "Changed"):
        table.add_column(name, justify="right")
    table.add_column("Complete through")
    for name, one in result["tables"].items():
        table.add_row(name, _status(one), *_counts(name, one), one["cursor"] or "–")
    return table


def _counts(name: str, one: dict[str, Any]) -> tuple[str, str, str]:
    """Days read, rows read, and days changed; for a snapshot, whether it changed."""
    changed, unchanged = one["objects_written"], one["objects_unchanged"]
    if name in DATED:
        return f"{changed + unchanged:,}", f"{one['rows']:,}", f"{changed:,}"
    return "–", f"{one['rows']:,}", "yes" if changed else "no"


def _plan(result: dict[str, Any]) -> Table:
    table = Table("Table", "Status", "Days")
    table.add_column("Requests", justify="right")
    for name, one in result["tables"].items():
        table.add_row(name, _status(one), ", ".join(one["days"]) or "–", f"{one['requests']:,}")
    return table


def _is_absent(one: dict[str, Any]) -> bool:
    return bool(one["status"] == "not_offered")


def _status(one: dict[str, Any]) -> Text:
    return Text(one["status"], style=_STYLES.get(one["status"], "red"))


def _next(result: dict[str, Any], lake: Path) -> Iterator[str]:
    folder = shlex.quote(str(lake))
    if result["status"] in ("busy", "failed"):
        return
    if result.get("dry_run"):
        yield f"At least {result['requests']:,} requests, {result['minutes']} minutes."
        yield "Next: the same command without --dry-run."
    elif result["status"] != "complete":
        yield "Something is missing. Run the same command again to retry; what was loaded is kept."
    elif result.get("mode") == "backfill":
        yield f"The days of the backfill are in {lake}. Daily loading continues where it was."
    else:
        since = f" since {result['since']}" if "since" in result else ""
        yield f"Everything{since} is in {lake}. Next:"
        yield f"  {NAME} sql --lake {folder} {_EXAMPLE}"
        yield f"  {NAME} report --lake {folder} --out report.html"
