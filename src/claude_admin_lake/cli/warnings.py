"""Warnings of a load, on standard error."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOLD_AT_THE_END = tuple(
    f"claude_admin_lake.run.{name}" for name in ("notes", "retries", "table_run")
)


@contextmanager
def warnings_on(handler: logging.Handler) -> Iterator[None]:
    """Show warnings on this handler, except those that the result repeats at the end."""
    handler.setFormatter(_Plain())
    handler.setLevel(logging.WARNING)
    handler.addFilter(lambda record: record.name not in _TOLD_AT_THE_END)
    log = logging.getLogger("claude_admin_lake")
    propagated, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagated


class _Plain(logging.Formatter):
    """Like the command's own messages: `warning: …`."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {super().format(record)}"
