"""Which days the API serves of a table, and what a run asks of it. Pure."""

from datetime import date, datetime, timedelta

from claude_admin_lake.days import ONE_DAY
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import Days, Table

from .cursor import Question

_UNSAID_AFTER = timedelta(hours=24)
"""How long after its end a day counts as complete if the API does not report a frontier."""


def question(table: Table, settings: Settings, now: datetime) -> Question:
    """What a run with these settings asks for at `now`."""
    dimensions = sorted(table.days.group_by(settings)) if table.days else []
    width = table.days.shape.width if table.days else ""
    query = f"{width}:{','.join(dimensions)}" if dimensions else width
    return Question(query=query, start=max(settings.start_date, oldest_day(table, now)))


def oldest_day(table: Table, now: datetime) -> date:
    """The oldest day that the API serves for the table at `now`."""
    floor = table.days.floor if table.days else None
    return floor.day(now) if floor else date.min


def served_through(frontier: datetime | None, now: datetime) -> date:
    """The last complete day if the API's data is complete up to `frontier`. If it does not report
    one (None), a day is complete a day after its end."""
    settled = now - _UNSAID_AFTER if frontier is None else frontier
    return settled.date() - ONE_DAY


def complete_through(days: Days, now: datetime) -> date:
    """The last UTC day that the API can serve completely at `now`."""
    return (now - days.settles_after).date() - ONE_DAY
