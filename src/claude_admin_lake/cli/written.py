"""Reports the file that a command wrote, and the options for that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def written_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--json` and `--quiet` to a command that writes a file."""
    as_json = click.option(
        "--json", "as_json", is_flag=True, help="Print what was written as JSON. Example: --json"
    )
    quiet = click.option(
        "--quiet", is_flag=True, help="Don't print what was written. Example: --quiet"
    )
    return as_json(quiet(command))


def tell_written(file: Path, *, as_json: bool, quiet: bool) -> None:
    """Print which file was written, and its size."""
    size = file.stat().st_size
    if as_json:
        click.echo(json.dumps({"file": str(file), "bytes": size}))
    elif not quiet:
        click.echo(f"wrote {file} ({size / 1000:,.0f} kB)")
