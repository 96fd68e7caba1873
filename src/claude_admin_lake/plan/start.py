"""The first day of an organization's lake, which is kept with its cursors. Pure.

`since` sets it permanently; otherwise it is START_DATE. A first load records the day, so that later
runs don't need the setting and don't report the time before that day as a gap.
"""

import datetime as dt

from msgspec import Struct

from claude_admin_lake.settings import Settings


class Start(Struct, frozen=True, kw_only=True):
    """The first day of a lake; `chosen` if set by `since`, which START_DATE does not override."""

    day: dt.date
    chosen: bool = False


def start_of(known: Start | None, since: dt.date | None, settings: Settings) -> Start:
    """The first day for a run: `since`, else the kept one, else START_DATE or its default.

    A START_DATE that is set replaces a kept day that `since` has not chosen.
    """
    if since:
        return Start(day=since, chosen=True)
    if known and (known.chosen or not settings.start_is_set):
        return known
    return Start(day=settings.start_date)


def disagreement(known: Start | None, start: Start, settings: Settings) -> str | None:
    """The note for the user if START_DATE and the first day of the lake differ."""
    if settings.start_is_set and settings.start_date != start.day:
        return (
            f"START_DATE is '{settings.start_date}', but `since` has chosen {start.day} as the"
            f" lake's first day, and that counts. To change it: since {settings.start_date}"
        )
    if known and not start.chosen and known.day != start.day:
        earlier = start.day < known.day
        then = "repair loads the days between" if earlier else "the days before it are kept"
        return f"START_DATE has changed from {known.day} to {start.day}; {then}"
    return None
