"""The Usage and Cost Analytics API (beta): who used what, at what cost, with discounts apart.

Each measure is read in two cuts, because a request can group by five dimensions. Their sums agree.
"""

from collections.abc import Callable
from datetime import date, timedelta
from operator import attrgetter

from claude_admin_lake.shapes.rows import TimeRows

from . import analytics_columns as columns
from .access import Access, Key
from .columns import Columns
from .money import dollars
from .paging import by_frontier
from .table import Choices, Days, Derived, Floor, Table

_ACCESS = Access(keys=(Key.API, Key.ENTERPRISE), beta="analytics-usage-cost-2026-08-24")
_FLOOR = Floor(first=date(2026, 1, 1), oldest=timedelta(days=365))
_CUT = ("workspace_id", "model", "service_tier", "context_window", "inference_geo")
"""The dimensions that the descriptions of cost_report name."""
_BY_ACTOR = ("actor", "api_key_id", "workspace_id", "model", "product")
_lookback: Callable[[Choices], int] = attrgetter("report_lookback_days")


def _table(
    name: str,
    about: str,
    columns: Columns,
    group_by: tuple[str, ...],
    derived: tuple[Derived, ...] = (),
) -> Table:
    measure = name.split("_", maxsplit=1)[0]
    return Table(
        name=f"analytics_{name}",
        about=about,
        group="analytics",
        path=f"/v1/organizations/analytics/{measure}",
        access=_ACCESS,
        columns=columns,
        paging=by_frontier(1000),
        days=Days(
            shape=TimeRows(wrappers=("group", measure), anonymous="actor" in group_by),
            lookback=_lookback,
            group_by=lambda _: group_by,
            floor=_FLOOR,
        ),
        derived=derived,
    )


_IN_DOLLARS = (
    Derived("amount_usd", ("amount", "currency"), dollars),
    Derived("list_amount_usd", ("list_amount", "currency"), dollars),
)

ANALYTICS: tuple[Table, ...] = (
    _table(
        "usage",
        "Tokens and requests by day, workspace, model, tier, context window and geography",
        columns.ANALYTICS_USAGE,
        _CUT,
    ),
    _table(
        "cost",
        "Cost and list price by day, workspace, model, tier and kind of token",
        columns.ANALYTICS_COST,
        (*_CUT, "cost_type", "token_type"),
        _IN_DOLLARS,
    ),
    _table(
        "usage_by_actor",
        "Tokens and requests by day, person or service, key, workspace, model and product",
        columns.ANALYTICS_USAGE,
        _BY_ACTOR,
    ),
    _table(
        "cost_by_actor",
        "Cost and list price by day, person or service, key, workspace, model and product",
        columns.ANALYTICS_COST,
        _BY_ACTOR,
        _IN_DOLLARS,
    ),
)
