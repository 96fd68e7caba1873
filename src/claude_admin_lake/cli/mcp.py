"""`claude-admin-lake mcp`: answer a language model's questions about a lake."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from claude_admin_lake.clock import SystemClock

from .options import Once

if TYPE_CHECKING:
    from claude_admin_lake.mcp.backend import Backend


@click.command("mcp", epilog="Example: claude-admin-lake mcp --lake lake --no-people")
@click.option(
    "--lake", cls=Once, metavar="PLACE",
    help="The lake: a folder or s3://bucket/prefix (needs the extra s3). Example: --lake lake",
)  # fmt: skip
@click.option(
    "--athena", cls=Once, metavar="WORKGROUP",
    help="Query in Athena instead, in this workgroup. Example: --athena claude-admin-lake",
)  # fmt: skip
@click.option(
    "--database", metavar="NAME", default="claude_admin_lake", show_default=True,
    help="The Glue database, for --athena. Example: --database claude_admin_lake",
)  # fmt: skip
@click.option(
    "--people/--no-people", default=True, show_default=True,
    help="Show people, or hide their columns and add up rows about them. Example: --no-people",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(0.1, 600), default=30, show_default=True, metavar="N",
    help="Stop a statement after this many seconds. Example: --seconds 60",
)  # fmt: skip
def command(
    *, lake: str | None, athena: str | None, database: str, people: bool, seconds: float
) -> None:
    """Serve a lake to a language model over the Model Context Protocol on standard input and
    output.

    The model can list and describe tables and views, and run queries that only read.
    """
    if bool(lake) == bool(athena):
        raise click.UsageError("give --lake or --athena")
    with tempfile.TemporaryDirectory(prefix="lake-") as copies:
        backend = (
            _athena(athena, database, seconds)
            if athena
            else _local(lake or "", Path(copies), seconds)
        )
        try:
            _serve(backend, with_people=people)
        finally:
            backend.close()


def _serve(backend: Backend, *, with_people: bool) -> None:
    from claude_admin_lake.mcp.server import server  # noqa: PLC0415 - the extra mcp
    from claude_admin_lake.mcp.tools import Tools  # noqa: PLC0415

    server(Tools(backend, SystemClock(), with_people=with_people)).run("stdio")


def _local(lake: str, copies: Path, seconds: float) -> Backend:
    from claude_admin_lake.analysis.errors import AnalysisError  # noqa: PLC0415 - DuckDB is an extra
    from claude_admin_lake.analysis.opening import open_lake  # noqa: PLC0415
    from claude_admin_lake.mcp.local import LocalBackend  # noqa: PLC0415

    try:
        found = open_lake(lake, copies)
    except AnalysisError as error:
        raise click.ClickException(str(error)) from error
    folder = copies if lake.startswith("s3://") else Path(lake).expanduser().resolve()
    return LocalBackend(found, folder, seconds)


def _athena(workgroup: str, database: str, seconds: float) -> Backend:
    from claude_admin_lake.mcp.athena import AthenaBackend  # noqa: PLC0415 - boto3 is an extra

    return AthenaBackend(workgroup, database, seconds, SystemClock())
