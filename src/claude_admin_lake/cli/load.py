"""`claude-admin-lake load`: the same run as the function's, into a folder and without AWS."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.library import run_event

from . import COMPLETE, INCOMPLETE, REFUSED
from .interrupt import ends_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from claude_admin_lake.run.outcome import Outcome


@click.command(
    "load",
    short_help="Load the Admin API's tables into a folder.",
    epilog="Exit status: 0 if everything was loaded, 1 if something is missing, 2 if the load "
    "could not begin.",
)
@click.option(
    "--lake",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Load into this folder; it is created if it does not exist. Example: --lake lake",
)
@click.option(
    "--organization",
    metavar="NAME",
    help="The name under which the lake keeps the organization that the key belongs to; main by "
    "default. Example: --organization research",
)
@click.option(
    "--event",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the request from a JSON file, in the format of the function's event. "
    "Example: --event events/repair.json",
)
@click.option(
    "--tables",
    metavar="A,B",
    help="Load only these tables. Example: --tables users,cost_report",
)
@click.option(
    "--since",
    metavar="DAY",
    help="Load everything from this day on, as YYYY-MM-DD, and remember the day with the lake: "
    "later loads need no option. Example: --since 2026-08-25",
)
@click.option(
    "--start-date",
    metavar="DAY",
    help="Backfill: reload the days of dated tables from this one on, and nothing else. For a "
    "first load use --since. Example: --start-date 2026-11-01 --end-date 2026-11-07",
)
@click.option(
    "--end-date",
    metavar="DAY",
    help="The last day of a backfill; yesterday by default. "
    "Example: --start-date 2026-11-01 --end-date 2026-11-07",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would be read and how long it takes; read and write nothing. "
    "Example: --lake lake --dry-run",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the result as JSON even on a terminal. Example: --json | jq .tables",
)
@click.option(
    "--quiet", is_flag=True, help="Show no progress bar and no summary. Example: --quiet"
)  # fmt: skip
def command(
    lake: Path,
    organization: str | None,
    event: Path | None,
    *,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Load the Admin API's tables into a folder.

    The key is read from the environment variable ANTHROPIC_ADMIN_KEY. A first load takes --since.
    Later, the command loads what is new or may have changed since the last load, of every
    organization that ORGANIZATIONS names.
    """
    request = _event(event, options)
    with _progress(quiet=quiet) as progress:
        result = run_event(request, lake, organization=organization, progress=progress)
    if as_json or not sys.stdout.isatty():
        print(json.dumps(result, indent=2, ensure_ascii=False))
    elif not quiet:
        from .summary import show  # noqa: PLC0415 - only a terminal needs it

        show(result, lake)
    return _exit_status(result)


def _exit_status(result: dict[str, Any]) -> int:
    if result["status"] == "complete":
        return COMPLETE
    each = result.get("organizations", {"": result}).values()
    return REFUSED if all(one["status"] == "failed" for one in each) else INCOMPLETE


def _event(file: Path | None, options: dict[str, Any]) -> dict[str, object]:
    """The event file's fields, overridden by the options given."""
    event = _event_file(file) if file else {}
    if options["tables"] is not None:
        event["tables"] = [name.strip() for name in options["tables"].split(",")]
    for name in ("since", "start_date", "end_date"):
        if options[name] is not None:
            event[name] = options[name]
    if options["dry_run"]:
        event["dry_run"] = True
    return event


def _event_file(file: Path) -> dict[str, object]:
    try:
        event = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"--event {file}: {error}") from error
    if not isinstance(event, dict):
        raise InvalidInput(f"--event {file} holds {type(event).__name__}; must be an object")
    return event


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, Outcome], None]]:
    """Progress bars on a terminal's standard error; elsewhere warnings only."""
    if quiet or not sys.stderr.isatty():
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
        with ends_at_once():
            yield lambda _, __: None
        return
    from .progress import bars  # noqa: PLC0415 - only a terminal needs it

    with bars() as update:
        yield update
