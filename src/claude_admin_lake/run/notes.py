"""Notes in the result about what a user probably did not intend."""

import logging
from collections.abc import Iterator, Sequence

from claude_admin_lake.plan.request import Mode, Request

_log = logging.getLogger(__name__)


def noted(note: str | None) -> tuple[str, ...]:
    """Log a note and return it for the result. None gives no notes."""
    if note is None:
        return ()
    _log.warning(note)
    return (note,)


def backfill_notes(
    request: Request, snapshots: Sequence[str], *, has_cursor: bool
) -> Iterator[str]:
    """Notes on what a backfill, perhaps unexpectedly, does not do.

    `snapshots` are the loaded tables without days; `has_cursor` is true if any table has a cursor.
    """
    if request.mode is not Mode.BACKFILL:
        return
    if not has_cursor:
        yield (
            "a backfill keeps no cursor, and loads snapshot tables only if they are named; for a"
            " first load use since (--since DAY) instead of start_date"
        )
    if snapshots:
        yield f"start_date does not apply to {', '.join(snapshots)}: snapshots, loaded as of now"
