"""Where two pages of a listing meet: records of the first may come again with the next. Pure.

A listing that grows while it is read shifts, so that a page begins with the records that the page
before it ended with. Identical records on one page are true twins and stay.
"""

from collections.abc import Sequence

from msgspec import Raw
from msgspec.structs import replace

from .pages import Page

_REPEATED = "a page repeats records of the one before; left out"


def without_repeats(before: Sequence[Raw], page: Page) -> Page:
    """The page without what it repeats of the records before it."""
    again = _overlap(before, page.records)
    if not again:
        return page
    drift = (*page.drift, _REPEATED)
    return replace(page, records=page.records[again:], repeated=again, drift=drift)


def _overlap(before: Sequence[Raw], after: Sequence[Raw]) -> int:
    """The fewest records that end the one and begin the other; 0 if there are none."""
    sizes = range(1, min(len(before), len(after)) + 1)
    return next(
        (n for n in sizes if before[-n] == after[0] and before[-n:] == after[:n]),
        0,
    )
