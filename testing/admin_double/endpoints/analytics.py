"""The Usage and Cost Analytics API."""

from admin_double.analytics.measures import COST, USAGE
from admin_double.endpoint import Endpoint
from admin_double.families import ANALYTICS as FAMILY
from admin_double.kinds.analytics import AnalyticsReport
from admin_double.request import IncomingRequest

BASE = "/v1/organizations/analytics"
BILLING = ("workspace_id", "model", "service_tier", "context_window", "inference_geo")
BY_ACTOR = ("actor", "api_key_id", "workspace_id", "model", "product")


def by_actor(request: IncomingRequest) -> bool:
    """True for a request that groups by actor."""
    return "actor" in request.values("group_by[]")


ANALYTICS = (
    Endpoint(
        table="analytics_usage_by_actor",
        path=f"{BASE}/usage",
        family=FAMILY,
        reads=by_actor,
        kind=AnalyticsReport(measure=USAGE, group_by=BY_ACTOR),
    ),
    Endpoint(
        table="analytics_usage",
        path=f"{BASE}/usage",
        family=FAMILY,
        kind=AnalyticsReport(measure=USAGE, group_by=BILLING),
    ),
    Endpoint(
        table="analytics_cost_by_actor",
        path=f"{BASE}/cost",
        family=FAMILY,
        reads=by_actor,
        kind=AnalyticsReport(measure=COST, group_by=BY_ACTOR),
    ),
    Endpoint(
        table="analytics_cost",
        path=f"{BASE}/cost",
        family=FAMILY,
        kind=AnalyticsReport(measure=COST, group_by=(*BILLING, "cost_type", "token_type")),
    ),
)
