"""The laptop's entrance: the same run into a folder, without AWS."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from claude_admin_lake.clock import SystemClock
from claude_admin_lake.errors import InvalidInput, LoaderError
from claude_admin_lake.plan.request import read_event
from claude_admin_lake.run.preview import dry_run
from claude_admin_lake.run.run import execute, new_run_id, plan_all
from claude_admin_lake.settings import read_settings
from claude_admin_lake.wiring import KEY_VARIABLE, on_laptop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_admin_lake.run.outcome import Outcome

_OK, _INCOMPLETE, _REFUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the command line says; 0 only if everything asked for is in the lake.

    Prints the result as JSON on standard output, everything else on standard error.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        answer = _run(options)
    except LoaderError as error:
        print(f"error: {error}", file=sys.stderr)
        return _REFUSED
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return _OK if answer["status"] == "complete" else _INCOMPLETE


def _run(options: argparse.Namespace) -> dict[str, object]:
    clock = SystemClock()
    settings = read_settings(os.environ)
    request = read_event(_event(options), settings, clock.now())
    equipment = on_laptop(
        settings,
        clock,
        folder=options.lake,
        key=os.environ.get(KEY_VARIABLE, ""),
        progress=_bar if sys.stderr.isatty() else _silent,
    )
    run_id = new_run_id(clock)
    if request.dry_run:
        return dry_run(run_id, plan_all(request, equipment), settings)
    return execute(run_id, request, equipment).as_dict()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="claude-admin-lake load",
        description="Load the Anthropic Admin API's tables into a folder.",
        epilog=f"The Admin API key is read from {KEY_VARIABLE}; "
        "the settings from the same variables as the function's.",
    )
    parser.add_argument("--lake", type=Path, required=True, metavar="DIR", help="the folder")
    parser.add_argument("--event", type=Path, metavar="FILE", help="an event as JSON")
    parser.add_argument("--tables", metavar="A,B", help="load these tables only")
    parser.add_argument("--start-date", metavar="DAY", help="load a range again: first day")
    parser.add_argument("--end-date", metavar="DAY", help="last day (yesterday)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be read")
    return parser


def _event(options: argparse.Namespace) -> dict[str, object]:
    """The event file's fields, overridden by the options given."""
    event = _event_file(options.event) if options.event else {}
    if options.tables is not None:
        event["tables"] = [name.strip() for name in options.tables.split(",")]
    for name in ("start_date", "end_date"):
        if getattr(options, name) is not None:
            event[name] = getattr(options, name)
    if options.dry_run:
        event["dry_run"] = True
    return event


def _event_file(file: Path) -> dict[str, object]:
    try:
        event = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"--event {file}: {error}") from error
    if not isinstance(event, dict):
        raise InvalidInput(f"--event {file} holds {type(event).__name__}; allowed is an object")
    return event


def _bar(one: Outcome) -> None:
    """One line that grows, on a terminal."""
    done, of = one.slices, one.plan.slices
    filled = "#" * (30 * done // of)
    end = "\n" if done == of else ""
    print(f"\r{one.table:18} [{filled:30}] {done}/{of}, {one.rows} rows", end=end, file=sys.stderr)


def _silent(_: Outcome) -> None:
    pass


if __name__ == "__main__":
    # Ctrl-C ends the process at once: a run may be killed at any moment, and unwinding would first
    # wait for the request or the pause that the fetching thread is in.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main())
