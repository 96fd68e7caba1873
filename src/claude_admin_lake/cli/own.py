"""What the commands of tables that a person keeps share: `set` and `show`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from claude_admin_lake.errors import InvalidInput

from .lake import lake_option, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from claude_admin_lake.own.table import OwnTable


def set_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument FILE and the options `--lake` and `--quiet` to a command."""
    file = click.argument("file", type=click.Path(path_type=Path))
    quiet = click.option("--quiet", is_flag=True, help="Do not say what was set. Example: --quiet")
    return file(lake_option(quiet(command)))


def set_table(table: OwnTable, file: Path, lake: str, *, quiet: bool) -> None:
    """Check a file, replace the table in the lake by it, and say so unless `quiet`.

    Raises InvalidInput with every problem of the file.
    """
    from claude_admin_lake.analysis.errors import AnalysisError  # noqa: PLC0415 - used here only
    from claude_admin_lake.analysis.opening import open_lake  # noqa: PLC0415
    from claude_admin_lake.own.reading import checked, stored  # noqa: PLC0415

    try:
        with tempfile.TemporaryDirectory(prefix="lake-") as copies:
            place = open_lake(lake, Path(copies))
            lines = checked(table, _read(file), place.organizations())
            place.keep(table.key, stored(table, lines))
    except (AnalysisError, InvalidInput) as error:
        prefix = f"{file}: " if isinstance(error, InvalidInput) else ""
        raise InvalidInput(f"{prefix}{error}") from error
    if not quiet:
        noun = table.name if len(lines) != 1 else table.name.removesuffix("s")
        click.echo(f"set {len(lines):,} {noun} in {lake}")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from error


def show_table(query: str, lake: str, organization: str | None, today: date, *, csv: bool) -> None:
    """Print what a query says of the lake."""
    with opened(lake, organization, today) as engine:
        from claude_admin_lake.analysis.shell import ask  # noqa: PLC0415 - DuckDB is an extra

        print(ask(engine, query, style="csv" if csv else "table", most=1_000))
