"""`claude-admin-lake check`: what the key may read and what a load would do, before the first."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from claude_admin_lake.check.report import check, shapes
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.laptop import run_event

from . import COMPLETE, INCOMPLETE, REFUSED
from .options import Folder, Once, as_typed
from .warnings import warnings_on


@click.command(
    "check",
    short_help="Show what the key may read and what a load would do.",
    epilog="Exit status: 0 if a load would be complete, 1 if something would be missing, 2 if it "
    "could not begin.",
)
@click.option(
    "--lake",
    cls=Once,
    type=Folder(path_type=Path, file_okay=False),
    default=None,
    metavar="DIR",
    help="The lake's folder, which need not exist yet; ./lake by default. Example: --lake lake",
)
@click.option(
    "--organization",
    cls=Once,
    metavar="NAME",
    help="The organization's name in the lake; main by default. Example: --organization research",
)
@click.option(
    "--tables",
    cls=Once,
    metavar="A,B",
    help="Check only these tables or groups. Example: --tables standard,access",
)
@click.option(
    "--since",
    cls=Once,
    metavar="DAY",
    help="The first day to load, for the estimate. Example: --since 2026-08-25",
)
@click.option(
    "--shapes",
    "only_shapes",
    is_flag=True,
    help="Print the fields and types that the API sends next to the declared ones, without values, "
    "for a bug report. Example: --shapes > shapes.txt",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON even on a terminal. Example: --json"
)  # fmt: skip
def command(
    lake: Path | None, organization: str | None, *, only_shapes: bool, as_json: bool, **options: Any
) -> int:
    """Show what the key may read and what a load would do.

    Sends one request for each table at most, and writes nothing. The key is read from the
    environment variable ANTHROPIC_ADMIN_KEY.
    """
    event: dict[str, object] = {"check": True}
    if options["tables"] is not None:
        event["tables"] = [name.strip() for name in options["tables"].split(",")]
    if options["since"] is not None:
        event["since"] = options["since"]
    try:
        with warnings_on(logging.StreamHandler()):
            result = run_event(
                event,
                lake or Path("lake"),
                organization=organization,
                look=_shapes if only_shapes else check,
            )
    except InvalidInput as error:
        raise InvalidInput(as_typed(str(error))) from error
    if as_json or not sys.stdout.isatty():
        print(json.dumps(result, indent=2, ensure_ascii=False))
        if result["status"] == "failed":
            click.echo(f"error: {result['error']}", err=True)
    else:
        from .check_text import lines  # noqa: PLC0415 - only a terminal needs it

        for line in lines(result):
            click.echo(line)
    return _exit_status(result)


def _shapes(request: Any, services: Any) -> dict[str, Any]:
    return {"status": "complete", "shapes": shapes(request, services)}


def _exit_status(result: dict[str, Any]) -> int:
    if result["status"] == "complete":
        return COMPLETE
    each = result.get("organizations", {"": result}).values()
    return REFUSED if all(one["status"] == "failed" for one in each) else INCOMPLETE
