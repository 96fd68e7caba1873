"""The activity feed: who did what in the organization."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from operator import attrgetter

from claude_admin_lake import NAME
from claude_admin_lake.shapes.events import Events

from .access import Access, Key
from .activity_columns import COMPLIANCE_ACTIVITIES
from .paging import by_id
from .table import Choices, Days, Derived, Table

_lookback: Callable[[Choices], int] = attrgetter("lookback_days")
_INDEXED_AFTER = timedelta(minutes=10)
_READ = "compliance_api_accessed"
_OUR_AGENT = f"{NAME}/"


def _own_reads(types: Sequence[object], agents: Sequence[object]) -> list[bool]:
    """Whether events are this loader's own reads of the feed: each read writes an event."""
    return [
        kind == _READ and isinstance(agent, str) and agent.startswith(_OUR_AGENT)
        for kind, agent in zip(types, agents, strict=True)
    ]


ACTIVITY: tuple[Table, ...] = (
    Table(
        name="compliance_activities",
        about="Activity feed: who did what, and from where",
        group="activity",
        path="/v1/compliance/activities",
        access=Access(keys=(Key.API, Key.ENTERPRISE)),
        columns=COMPLIANCE_ACTIVITIES,
        paging=by_id(5000),
        days=Days(
            shape=Events(
                frozenset(
                    column.path.partition(".")[0]
                    for column in COMPLIANCE_ACTIVITIES
                    if column.name not in ("details", "is_own_read")
                )
            ),
            lookback=_lookback,
            settles_after=_INDEXED_AFTER,
        ),
        derived=(Derived("is_own_read", ("type", "actor_user_agent"), _own_reads),),
    ),
)
