"""Removes records that a page repeats from the page before it. Pure.

A listing that grows while it is read shifts, so that a page starts with the records that ended the
previous one. Identical records within one page are genuine duplicates and stay.
"""

from collections.abc import Sequence

from msgspec import Raw
from msgspec.structs import replace

from .pages import Page

_REPEATED = "a page repeats records of the one before; left out"


def without_repeats(before: Sequence[Raw], page: Page) -> Page:
    """The page without the records that it repeats from the end of `before`."""
    again = _overlap(before, page.records)
    if not again:
        return page
    drift = (*page.drift, _REPEATED)
    return replace(page, records=page.records[again:], repeated=again, drift=drift)


def _overlap(before: Sequence[Raw], after: Sequence[Raw]) -> int:
    """The smallest number of records that both end `before` and start `after`; 0 if none."""
    sizes = range(1, min(len(before), len(after)) + 1)
    return next(
        (n for n in sizes if before[-n] == after[0] and before[-n:] == after[:n]),
        0,
    )
