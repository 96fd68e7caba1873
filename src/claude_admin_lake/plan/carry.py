"""When to re-read what rarely changes, such as the members of archived workspaces. Pure.

There may be thousands of archived workspaces. Their members are read when they are newly archived
and every thirty days from then on; in between, the rows are carried over from the stored snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_EVERY_DAYS = 30
_FIRST_DAYS = 1


def is_due(gone: date, last: date | None, today: date) -> bool:
    """Whether the listing of a parent archived on the day `gone` is to be read today.

    `last` is the day of the last complete snapshot: reads due on days without a run are made up.
    """
    if last is None or (today - gone).days <= _FIRST_DAYS:
        return True
    ages = range((last - gone).days + 1, (today - gone).days + 1)
    return any(age <= _FIRST_DAYS or age % _EVERY_DAYS == 0 for age in ages)
