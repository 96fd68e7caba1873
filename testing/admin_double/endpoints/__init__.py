"""Every endpoint that the double serves."""

from admin_double.endpoint import Call, Endpoint, PartedBy, Truth
from admin_double.endpoints.access import ACCESS
from admin_double.endpoints.analytics import ANALYTICS
from admin_double.endpoints.compliance import COMPLIANCE
from admin_double.endpoints.enterprise import ENTERPRISE
from admin_double.endpoints.standard import STANDARD
from admin_double.errors import ApiError
from admin_double.paging import ResponsePage

ENDPOINTS: tuple[Endpoint, ...] = (*STANDARD, *ANALYTICS, *ACCESS, *ENTERPRISE, *COMPLIANCE)


class _Nowhere:
    """Answers requests for any other path."""

    parted_by = PartedBy.NOTHING

    def respond(self, _: Call) -> ResponsePage:
        raise ApiError(404)

    def truth(self, _: Truth) -> list[bytes]:
        return []


NOWHERE = Endpoint(table="", path=".*", kind=_Nowhere())
