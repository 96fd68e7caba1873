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
from claude_admin_lake.laptop import run_event

from . import COMPLETE, INCOMPLETE, REFUSED
from .interrupt import ends_immediately, interruption
from .options import Folder, Once, as_typed
from .problems import problems
from .tracker import Tracker
from .warnings import warnings_on

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command(
    "load",
    short_help="Load the Admin API's tables into a folder.",
    epilog="Exit status: 0 if everything was loaded, 1 if something is missing, 2 if the load "
    "could not begin.",
)
@click.option(
    "--lake",
    cls=Once,
    type=Folder(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Load into this folder; it is created if it does not exist. Example: --lake lake",
)
@click.option(
    "--organization",
    cls=Once,
    metavar="NAME",
    help="The name in the lake of the organization that the key belongs to; main by default. "
    "Example: --organization research",
)
@click.option(
    "--event",
    cls=Once,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the request from a JSON file, in the format of the function's event. "
    "Example: --event events/repair.json",
)
@click.option(
    "--tables",
    cls=Once,
    metavar="A,B",
    help="Load only these tables. Example: --tables users,cost_report",
)
@click.option(
    "--since",
    cls=Once,
    metavar="DAY",
    help="Load everything from this day on, as YYYY-MM-DD, and remember the day with the lake: "
    "later loads need no option. Example: --since 2026-08-25",
)
@click.option(
    "--start-date",
    cls=Once,
    metavar="DAY",
    help="Backfill: reload the days of dated tables from this one on, and nothing else. For a "
    "first load use --since. Example: --start-date 2026-11-01 --end-date 2026-11-07",
)
@click.option(
    "--end-date",
    cls=Once,
    metavar="DAY",
    help="The last day of a backfill; yesterday by default. "
    "Example: --start-date 2026-11-01 --end-date 2026-11-07",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would be read and how long it takes, and write nothing. Only one request is "
    "sent, to try the key. "
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

    The key is read from the environment variable ANTHROPIC_ADMIN_KEY. Give --since for the first
    load. Later, the command loads what is new or may have changed since the last load, for every
    organization in ORGANIZATIONS.
    """
    request = _event(event, options)
    try:
        with _tracker(quiet=quiet) as tracker:
            result = run_event(
                request, lake, organization=organization, planned=tracker.planned,
                progress=tracker.progress,
            )  # fmt: skip
    except InvalidInput as error:
        raise InvalidInput(str(error) if event else as_typed(str(error))) from error
    _tell(result, lake, as_json=as_json or not sys.stdout.isatty(), quiet=quiet)
    return _exit_status(result)


def _tell(result: dict[str, Any], lake: Path, *, as_json: bool, quiet: bool) -> None:
    """Print the result as JSON, with the problems on standard error, or as a summary."""
    if as_json:
        print(json.dumps(result, indent=2, ensure_ascii=False))
        for line in () if quiet else problems(result):
            click.echo(line, err=True)
    elif not quiet:
        from .summary import show  # noqa: PLC0415 - only a terminal needs it

        show(result, lake)


def _exit_status(result: dict[str, Any]) -> int:
    if result["status"] == "complete":
        return COMPLETE
    each = result.get("organizations", {"": result}).values()
    return REFUSED if all(map(_is_refused, each)) else INCOMPLETE


def _is_refused(result: dict[str, Any]) -> bool:
    """Whether the load could not begin, or the key may read none of the tables."""
    statuses = {one["status"] for one in result.get("tables", {}).values()}
    return result["status"] == "failed" or statuses - {"not_offered"} == {"forbidden"}


_DATES = ("since", "start_date", "end_date")


def _event(file: Path | None, options: dict[str, Any]) -> dict[str, object]:
    """The event file's fields, overridden by the options given."""
    event = _event_file(file) if file else {}
    if options["tables"] is not None:
        event["tables"] = [name.strip() for name in options["tables"].split(",")]
    for name in _DATES:
        if options[name] is not None:
            event[name] = options[name]
    if options["dry_run"]:
        event["dry_run"] = True
    return event


def _event_file(file: Path) -> dict[str, object]:
    try:
        event = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(f"--event {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"--event {file} is not JSON ({error}); must be an object such as {_EXAMPLE}"
        ) from error
    if not isinstance(event, dict):
        kind = type(event).__name__
        raise InvalidInput(f"--event {file} holds {kind}; must be an object such as {_EXAMPLE}")
    return event


_EXAMPLE = '{"tables": ["users"]}'


@contextmanager
def _tracker(*, quiet: bool) -> Iterator[Tracker]:
    """Progress bars if standard error is a terminal, else only warnings."""
    if not quiet and sys.stderr.isatty():
        from .progress import bars  # noqa: PLC0415 - only a terminal needs it

        with bars() as tracker:
            yield tracker
        return
    tracker = Tracker()
    message = (lambda: "") if quiet else (lambda: interruption(*tracker.slices))
    with warnings_on(logging.StreamHandler()), ends_immediately(message):
        yield tracker
