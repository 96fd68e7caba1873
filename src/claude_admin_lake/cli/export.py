"""`claude-admin-lake export`: a month of costs as a file for other tools."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import REFUSED
from .lake import lake_options, opened
from .options import Once
from .written import tell_written, written_options

if TYPE_CHECKING:
    from typing import NoReturn


class Month(click.ParamType[date]):
    """A calendar month, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(f"{value}-01")
        except ValueError:
            name = param.opts[0] if param else "month"
            message = f"{name} is {value!r}; must be a month as YYYY-MM"
            raise click.UsageError(message, ctx) from None


@click.command(
    "export", epilog="Example: claude-admin-lake export focus --lake lake --month 2026-10"
)
@click.argument("form", metavar="FORM", type=click.Choice(["focus"]), expose_value=False)
@lake_options
@click.option(
    "--month", cls=Once, type=Month(), required=True, metavar="MONTH",
    help="The month, in UTC. Example: --month 2026-10",
)  # fmt: skip
@click.option(
    "--out", cls=Once, type=click.Path(path_type=Path), metavar="FILE",
    help="Write to this file instead of standard output. Example: --out focus.csv",
)  # fmt: skip
@click.option(
    "--ascii",
    "as_ascii",
    is_flag=True,
    help="Write letters outside ASCII as escapes such as \\u00e9, for programs that reject them. "
    "Example: --ascii",
)
@written_options
def command(
    *, lake: str, organization: str | None, today: date, month: date,
    out: Path | None, as_ascii: bool, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Write a month of costs as CSV.

    FORM is focus: the columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification).
    """
    with opened(lake, organization, today) as engine:
        from claude_admin_lake.analysis.focus import focus_month  # noqa: PLC0415 - see opened

        text = focus_month(engine, month, as_ascii=as_ascii) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        _refuse(f"cannot write {out}: {error.strerror}")
    tell_written(out, as_json=as_json, quiet=quiet)


def _refuse(message: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    raise click.exceptions.Exit(REFUSED)
