"""`claude-admin-lake sql`: query a lake, once or at a prompt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .lake import lake_options, opened
from .options import Once

if TYPE_CHECKING:
    from datetime import date

    from claude_admin_lake.analysis.engine import Engine
    from claude_admin_lake.analysis.shell import Style


_KINDS = (".csv", ".xlsx", ".parquet")


@click.command("sql", epilog="Example: claude-admin-lake sql --lake lake 'SELECT * FROM freshness'")
@click.argument("statement", required=False)
@lake_options
@click.option(
    "--file",
    cls=Once,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the statement from a file. Example: --file spend.sql",
)
@click.option(
    "--out",
    cls=Once,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all rows to this file: .csv or .xlsx for a spreadsheet, or .parquet. "
    "Example: --out spend.xlsx",
)
@click.option("--csv", is_flag=True, help="Print all rows as CSV. Example: --csv > spend.csv")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print all rows as JSON; decimals are text, to stay exact. Example: --json | jq '.[0]'",
)
@click.option(
    "--quiet", is_flag=True, help="Don't print which file was written. Example: --out x.csv --quiet"
)
@click.option(
    "--rows", type=click.IntRange(min=1), default=200, show_default=True, metavar="N",
    help="Print at most this many rows as a table. Example: --rows 20",
)  # fmt: skip
def command(  # noqa: PLR0913 - click passes each option
    *, statement: str | None, lake: str, organization: str | None, today: date, file: Path | None,
    out: Path | None, csv: bool, as_json: bool, quiet: bool, rows: int,
) -> None:  # fmt: skip
    """Query a lake in Athena's SQL.

    STATEMENT is one query over the tables and views, SHOW TABLES or DESCRIBE NAME. Without it,
    the command reads standard input, or opens a prompt on a terminal.
    """
    if file and statement is not None:
        raise click.UsageError("give a statement or --file, not both")
    if csv and as_json:
        raise click.UsageError("give --csv or --json, not both")
    asked = _read(file) if file else statement
    if asked is None and not sys.stdin.isatty():
        asked = _standard_input()
    if out:
        _check_out(out, asked)
    with opened(lake, organization, today) as engine:
        from claude_admin_lake.analysis.shell import ask, talk  # noqa: PLC0415 - see opened

        if out and asked is not None:
            _export(engine, asked, out, quiet=quiet)
        elif asked is None:
            talk(engine, style=_style(csv=csv, as_json=as_json), most=rows)
        else:
            print(ask(engine, asked, style=_style(csv=csv, as_json=as_json), most=rows))


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"standard input is not UTF-8: {error}") from error


def _style(*, csv: bool, as_json: bool) -> Style:
    return "csv" if csv else "json" if as_json else "table"


def _check_out(out: Path, asked: str | None) -> None:
    if out.suffix.lower() not in _KINDS:
        raise click.UsageError(f"--out is '{out}'; must end with {', '.join(_KINDS)}")
    if asked is None:
        raise click.UsageError("--out needs a statement: give one, or --file")


def _export(engine: Engine, asked: str, out: Path, *, quiet: bool) -> None:
    from claude_admin_lake.analysis.export import export  # noqa: PLC0415 - see opened

    rows = export(engine, asked, out)
    if not quiet:
        click.echo(f"wrote {out} ({rows:,} row{'' if rows == 1 else 's'})")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from error
