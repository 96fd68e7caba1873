"""`claude-admin-lake sql` asks a lake in SQL; `claude-admin-lake report` draws it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .engine import Engine
from .errors import AnalysisError, BadQuery
from .lake import open_lake
from .shell import ask, talk

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 1 and a message if it cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="lake-") as copies:
            lake = open_lake(options.lake, Path(copies))
            if lake.is_empty:
                print(f"note: {options.lake} is empty; nothing is loaded yet", file=sys.stderr)
            options.run(Engine(lake, options.today), options)
    except AnalysisError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        return 1
    return 0


def _sql(engine: Engine, options: argparse.Namespace) -> None:
    if options.file and options.statement:
        raise BadQuery("give a statement or --file, not both")
    if options.file:
        try:
            ask(engine, options.file.read_text("utf-8"), options)
        except (OSError, UnicodeDecodeError) as error:
            raise BadQuery(f"cannot read {options.file}: {error}") from error
    elif options.statement:
        ask(engine, options.statement, options)
    elif sys.stdin.isatty():
        talk(engine, options)
    else:
        ask(engine, sys.stdin.read(), options)


def _report(engine: Engine, options: argparse.Namespace) -> None:
    from .report import write_report  # noqa: PLC0415 - plotting takes a second to import

    write_report(engine, options.out, options.start_date, options.end_date, options.today)
    size = options.out.stat().st_size
    print(f"wrote {options.out} ({size / 1000:,.0f} kB)")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="claude-admin-lake", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="sql|report")
    sql = _command(commands, "sql", "run one statement of Athena SQL over the tables and views")
    sql.add_argument("statement", nargs="?", help="the statement; without one, a prompt")
    sql.add_argument("--file", type=Path, help="a file that holds the statement")
    sql.add_argument("--csv", action="store_true", help="print CSV, all rows")
    sql.add_argument("--rows", type=int, default=200, help="most rows of the table (200)")
    sql.set_defaults(run=_sql)
    report = _command(commands, "report", "write a page to look at")
    report.add_argument("--out", type=Path, required=True, metavar="FILE", help="the HTML file")
    report.add_argument("--start-date", type=_day, metavar="DAY", help="30 days before the end")
    report.add_argument("--end-date", type=_day, metavar="DAY", help="the last day with costs")
    report.set_defaults(run=_report)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=about, description=about.capitalize())
    made.add_argument(
        "--lake", required=True, metavar="PLACE", help="a folder, or s3://bucket/prefix"
    )
    made.add_argument(
        "--today", type=_day, default=datetime.now(UTC).date(), metavar="DAY",
        help="what current_date is",
    )  # fmt: skip
    return made


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day as YYYY-MM-DD") from None


if __name__ == "__main__":
    sys.exit(main())
