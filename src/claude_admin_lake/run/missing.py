"""What is missing from the lake: days before the cursor, and days of tables not in the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.plan.cursor import gaps, lag_days, not_ahead
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.served import question

if TYPE_CHECKING:
    from datetime import datetime

    from claude_admin_lake.lake import Lake
    from claude_admin_lake.plan.request import Request

    from .outcome import Outcome
    from .services import Services


def look_for_gaps(outcome: Outcome, lake: Lake) -> None:
    """Note the days that should be in the lake according to the cursor, but are not.

    Skipped for a backfill. Raises LakeTrouble if the lake cannot be listed.
    """
    table = outcome.plan.table
    if not table.days:
        outcome.gaps = []
    elif outcome.mode is not Mode.BACKFILL:
        outcome.gaps = gaps(outcome.cursor, outcome.plan.question.start, lake.days(table))


def idle_lag(request: Request, services: Services, now: datetime) -> int:
    """The largest lag in days among tables not in the request: a run of some tables must not hide
    that another one has stopped.

    `now` is the actual time. Raises StateError if a cursor cannot be read.
    """
    settings, lags = services.settings, [0]
    for name in set(settings.tables) - set(request.tables):
        table = services.tables[name]
        if table.days:
            cursor = not_ahead(services.state.cursor(name), now.date())
            if cursor.date is None and name in settings.choice.optional:
                continue  # perhaps it is not offered
            lags.append(lag_days(cursor, question(table, settings, now).start, now))
    return max(lags)
