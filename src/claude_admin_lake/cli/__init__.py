"""The command line: one module for each command, imported when the command is used."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

import click

from claude_admin_lake import NAME, VERSION
from claude_admin_lake.errors import LoaderError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPLETE, INCOMPLETE, REFUSED = 0, 1, 2
"""Exit statuses: everything done; something missing; could not begin."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

COMMANDS = {
    "budgets": "Set the budgets of a lake, or show them.",
    "check": "Show what the key may read and what a load would do.",
    "export": "Write a month of costs as a FOCUS file.",
    "load": "Load the Admin API's tables into a folder.",
    "mcp": "Serve a lake to a language model (Model Context Protocol).",
    "prices": "Set the prices that a lake's organizations pay, or show them.",
    "report": "Write an HTML report about a lake.",
    "sql": "Query a lake in Athena's SQL.",
}

_EXTRAS = {
    "boto3": "s3",
    "botocore": "s3",
    "duckdb": "sql",
    "jinja2": "report",
    "mcp": "mcp",
    "prompt_toolkit": "sql",
    "sqlglot": "sql",
    "xlsxwriter": "sql",
}

_NEEDED = {"click", "isal", "msgspec", "requests", "rich", "xxhash"}


class _Commands(click.Group):
    """Imports a command when it is used, so that `--help` and `load` start quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    name=NAME,
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"Example: {NAME} load --lake lake --since 2026-11-01",
)
@click.version_option(VERSION, prog_name=NAME)
def commands() -> None:
    """Anthropic's Admin API as a data lake: load it, query it, report on it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    try:
        status = commands.main(arguments, prog_name=NAME, standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        return _refuse(_usage(error))
    except LoaderError as error:
        return _refuse(str(error))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in {*_EXTRAS, *_NEEDED}:
            raise
        wanted = f"'{NAME}[{_EXTRAS[package]}]'" if package in _EXTRAS else NAME
        return _refuse(f"{package} is not installed. Run: pip install {wanted}")
    except (click.Abort, KeyboardInterrupt, BrokenPipeError):
        return INCOMPLETE
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _leave_standard_output()
        click.echo(f"error: cannot write to standard output: {error.strerror}", err=True)
        return INCOMPLETE
    return status if isinstance(status, int) else COMPLETE


def _leave_standard_output() -> None:
    """Close standard output: Python would flush it again at exit and print a traceback."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main_or_load(arguments: Sequence[str]) -> int:
    """Like `main`, with `load` as the default command."""
    named = arguments[:1] and arguments[0] in {*COMMANDS, "-h", "--help", "--version"}
    return main(arguments if named else ["load", *arguments])


def _usage(error: click.ClickException) -> str:
    """The usage error, and the command that shows the help."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    where = context.command_path if context else NAME
    return f"{message}\nTry '{where} --help'."


def _refuse(message: str) -> int:
    click.echo(f"error: {message}", err=True)
    return REFUSED
