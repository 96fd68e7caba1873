"""What a user probably did not mean, told in the result."""

import logging
from collections.abc import Iterator, Sequence

from claude_admin_lake.plan.request import Mode, Request

_log = logging.getLogger(__name__)


def noted(note: str | None) -> tuple[str, ...]:
    """A note for the result, logged; none if there is nothing to note."""
    if note is None:
        return ()
    _log.warning(note)
    return (note,)


def backfill_notes(
    request: Request, snapshots: Sequence[str], *, has_cursor: bool
) -> Iterator[str]:
    """What a backfill does not do, where that may surprise.

    `snapshots` are the tables without days among those loaded; `has_cursor` says whether any
    table has a cursor.
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
