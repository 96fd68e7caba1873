"""How people use Claude Enterprise, day by day. A range of days would be one rolled-up answer."""

from collections.abc import Callable
from datetime import date, timedelta
from operator import attrgetter

from msgspec.structs import replace

from claude_admin_lake.shapes.one_day import OneDay

from . import enterprise_columns as columns
from .access import Access, Key
from .columns import Columns
from .enterprise_users import USERS
from .money import dollars
from .paging import Paging, by_token
from .table import Choices, Days, Derived, Floor, Table

_COMPUTED_AFTER = timedelta(hours=10)
_FLOOR = Floor(first=date(2026, 1, 1))
_lookback: Callable[[Choices], int] = attrgetter("report_lookback_days")


_pages = by_token(1000, has_more=False)
_by_date = Days(
    shape=OneDay("date"),
    lookback=_lookback,
    settles_after=_COMPUTED_AFTER,
    names_newest=True,
    floor=_FLOOR,
)
_by_range = Days(
    shape=OneDay("starting_date", "ending_date"),
    lookback=_lookback,
    settles_after=_COMPUTED_AFTER,
    names_newest=True,
    floor=_FLOOR,
)


def _table(
    name: str,
    about: str,
    columns: Columns,
    *,
    path: str = "",
    days: Days = _by_date,
    paging: Paging = _pages,
    derived: tuple[Derived, ...] = (),
) -> Table:
    return Table(
        name=f"enterprise_{name}",
        about=about,
        group="enterprise",
        path=f"/v1/organizations/analytics/{path or name}",
        access=Access(keys=(Key.ENTERPRISE,)),
        columns=columns,
        paging=paging,
        days=days,
        derived=derived,
    )


ENTERPRISE: tuple[Table, ...] = (
    _table(
        "users", "Claude Enterprise by day and person: chat, Claude Code, Cowork, Office", USERS
    ),
    _table(
        "summaries",
        "Claude Enterprise by day: seats, active users, adoption",
        columns.SUMMARIES,
        days=_by_range,
        paging=replace(_pages, also="summaries"),
    ),
    _table(
        "projects",
        "Claude Enterprise by day and project",
        columns.PROJECTS,
        path="apps/chat/projects",
    ),
    _table(
        "skills",
        "Claude Enterprise by day and skill, with estimated spend",
        columns.SKILLS,
        derived=(
            Derived("attributed_list_price_usd", ("attributed_list_price", "currency"), dollars),
            Derived(
                "estimated_overage_spend_usd", ("estimated_overage_spend", "currency"), dollars
            ),
        ),
    ),
    _table("connectors", "Claude Enterprise by day and connector", columns.CONNECTORS),
    _table("plugins", "Claude Enterprise by day and plugin", columns.PLUGINS),
    _table("artifacts", "Claude Enterprise by day and kind of artifact", columns.ARTIFACTS),
)
