"""The Compliance API's activity feed."""

from admin_double import activities
from admin_double.endpoint import Endpoint
from admin_double.families import COMPLIANCE as FAMILY
from admin_double.kinds.feed import Feed

COMPLIANCE = (
    Endpoint(
        table="compliance_activities",
        path="/v1/compliance/activities",
        family=FAMILY,
        kind=Feed(events=activities.events),
    ),
)
