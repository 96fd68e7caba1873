"""What the commands of tables that a person keeps have in common: set one, or show it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from claude_admin_lake.errors import InvalidInput

if TYPE_CHECKING:
    from claude_admin_lake.own.table import OwnTable


def set_table(table: OwnTable, file: Path, lake: str) -> int:
    """Check a file and replace the table in the lake by it; returns how many lines it has.

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
    return len(lines)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from error
