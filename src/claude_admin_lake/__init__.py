"""Load the Anthropic Admin API into a data lake: a folder, or S3 for Athena.

From Python, use `load` to fill a folder and `rows` to read one table:

    import claude_admin_lake
    result = claude_admin_lake.load("lake", tables=["cost_report"], since="2026-11-01")
    people = list(claude_admin_lake.rows("users"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .library import load, rows

NAME = "claude-admin-lake"
VERSION = "0.1.0"

__all__ = ["NAME", "VERSION", "load", "rows"]


def __getattr__(name: str) -> object:
    """Import `load` and `rows` on first use: the Lambda function needs neither."""
    if name not in ("load", "rows"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import library  # noqa: PLC0415 - see above

    return getattr(library, name)
