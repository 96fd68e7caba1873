"""Options that reject mistakes which would otherwise go unnoticed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)


class Once(click.Option):
    """An option with a value that may be given only once; click would take the last one."""

    def __init__(self, names: Sequence[str], **attributes: Any) -> None:
        super().__init__(names, **attributes | {"multiple": True, "callback": _only})


class Day(click.ParamType[date]):
    """A UTC day of this millennium."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        name = param.opts[0] if param else "day"
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            message = f"{name} is {value!r}; must be a day as YYYY-MM-DD"
            raise click.UsageError(message, ctx) from None
        if not _EARLIEST <= day <= _LATEST:
            raise click.UsageError(f"{name} is '{day}'; must be from {_EARLIEST} to {_LATEST}", ctx)
        return day


class Folder(click.Path):
    """A folder on this computer: `load` keeps cursors and a lock in it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        name = param.opts[0] if param else "folder"
        if str(value).startswith("s3:"):
            raise click.UsageError(
                f"{name} is {value!r}; must be a folder. To fill a bucket, deploy the function"
                " (docs/deployment.md), or load a folder and copy it: aws s3 sync",
                ctx,
            )
        try:
            is_file = Path(value).is_file()
        except OSError as error:
            raise click.UsageError(f"{name} is {str(value)!r}: {error.strerror}", ctx) from None
        if is_file:
            raise click.UsageError(f"{name} is {str(value)!r}, a file; must be a folder", ctx)
        return super().convert(value, param, ctx)


def _only(_context: click.Context, option: click.Parameter, given: tuple[Any, ...]) -> Any:
    if len(given) > 1:
        name, values = option.opts[0], ", ".join(map(str, given))
        raise click.UsageError(f"{name} is given {len(given)} times ({values}); give it once")
    return given[0] if given else None


def as_typed(message: str) -> str:
    """Return the message with the names of the event's fields as options."""
    return re.sub(
        r"\b(tables|since|start_date|end_date)\b|^organization(?= is)",
        lambda found: f"--{found[0].replace('_', '-')}",
        message,
    )
