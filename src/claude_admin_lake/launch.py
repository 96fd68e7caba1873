"""Starts the command line, or reports what is missing; must itself run on any Python 3."""

from __future__ import annotations

import sys

_REFUSED = 2


def launch(entrance: str, arguments: list[str]) -> int:
    """Call a function of `claude_admin_lake.cli` with the arguments; returns the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a checkout can be run with any Python
        found = ".".join(map(str, sys.version_info[:2]))
        return _refuse(
            f"this is Python {found}; must be 3.11 or newer. Run the command with another Python,"
            " for example: python3.11 -m claude_admin_lake"
        )
    try:
        from claude_admin_lake import cli  # noqa: PLC0415 - only after the check
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("claude_admin_lake"):
            raise
        return _refuse(
            f"{error.name} is not installed. In the checkout, run: pip install . (or: make demo)"
        )
    status: int = getattr(cli, entrance)(arguments)
    return status


def _refuse(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return _REFUSED
