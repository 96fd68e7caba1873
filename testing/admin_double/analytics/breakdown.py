"""Parses a request to the analytics."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from admin_double.analytics.dimensions import CHOICES, FILTERS
from admin_double.analytics.measures import COST, FANNED_OUT, USAGE, Measure
from admin_double.endpoint import Call
from admin_double.errors import ApiError
from admin_double.request import IncomingRequest
from admin_double.wire import DAY, HOUR, MINUTE, floor

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MOST_AGE = 365 * DAY
LONGEST = 31 * DAY
WIDTHS = {"1d": DAY, "1h": HOUR, "1m": MINUTE}
MOST_DIMENSIONS = 5
ORDERS = ("asc", "desc")
ORDER_BY = {
    USAGE.name: ("total_tokens", "output_tokens", "uncached_input_tokens", "requests", "time"),
    COST.name: ("amount", "list_amount", "time"),
}
PARAMETERS = (
    "starting_at",
    "ending_at",
    "time_bucket_width",
    "group_by[]",
    "limit",
    "page",
    "order",
    "order_by",
    "exclude_deleted_users",
    *FILTERS,
)


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Which spend to sum, and how. Without a width, the range is one bucket."""

    start: datetime
    end: datetime
    width: timedelta | None
    group_by: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    order_by: str = "time"
    descending: bool = False
    without_deleted: bool = False

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that make rows count towards the limit."""
        return tuple(name for name in self.group_by if name not in FANNED_OUT)

    @property
    def fan_out(self) -> tuple[str, ...]:
        """The dimensions that split a row without counting."""
        return tuple(name for name in self.group_by if name in FANNED_OUT)


def parse(call: Call, measure: Measure) -> Breakdown:
    """Check a request and raise the API's error if it is invalid."""
    request = call.request
    request.refuse_unknown(PARAMETERS)
    width = _width(request)
    start, end = _range(call, width)
    group_by = tuple(dict.fromkeys(request.chosen("group_by[]", measure.dimensions)))
    breakdown = Breakdown(
        start=start,
        end=end,
        width=width,
        group_by=group_by,
        filters=_filters(request),
        order_by=request.choice("order_by", ORDER_BY[measure.name], measure.usual_metric),
        descending=request.choice("order", ORDERS, "desc") == "desc",
        without_deleted=request.flag("exclude_deleted_users"),
    )
    _check_dimensions(breakdown)
    return breakdown


def _width(request: IncomingRequest) -> timedelta | None:
    if request.value("time_bucket_width") is None:
        return None
    return WIDTHS[request.choice("time_bucket_width", WIDTHS, "")]


def _range(call: Call, width: timedelta | None) -> tuple[datetime, datetime]:
    request, now = call.request, call.contents.now().astimezone(UTC)
    start, end = request.moment("starting_at"), request.moment("ending_at")
    if start is None:
        raise ApiError(400, "starting_at: Field required")
    if start < max(FIRST_DAY, now - MOST_AGE):
        raise ApiError(400, "starting_at: must be within 365 days and not before 2026-01-01")
    if width and end is None:
        raise ApiError(400, "ending_at: Field required when time_bucket_width is set")
    end = min(now, start + LONGEST) if end is None else end
    if end <= start and call.contents.switches.empty_range_is_error:
        raise ApiError(400, "Invalid date range: ending date must be after starting date")
    if end - start > (DAY if width == MINUTE else LONGEST):
        raise ApiError(400, "Invalid date range: the range is too long")
    return floor(start, width or HOUR), floor(end, width or HOUR)


def _filters(request: IncomingRequest) -> tuple[tuple[str, tuple[str, ...]], ...]:
    asked = (
        (dimension, tuple(request.chosen(name, CHOICES.get(name))))
        for name, dimension in FILTERS.items()
    )
    return tuple((dimension, values) for dimension, values in asked if values)


def _check_dimensions(breakdown: Breakdown) -> None:
    if len(breakdown.dimensions) > MOST_DIMENSIONS:
        raise ApiError(400, f"Cannot specify more than {MOST_DIMENSIONS} group_by[] dimensions.")
    used = {*breakdown.group_by, *(dimension for dimension, _ in breakdown.filters)}
    if {"claude_tag_user_id", "rbac_group_id"} <= used:
        raise ApiError(400, "claude_tag_user_id cannot be combined with rbac_group_id")
    if breakdown.without_deleted and "actor" not in breakdown.group_by:
        raise ApiError(400, "exclude_deleted_users: requires group_by[]=actor")
