"""Families of endpoints: which credentials each accepts, and what else a request needs."""

from dataclasses import dataclass
from enum import Enum


class CredentialKind(Enum):
    """The kinds of credential."""

    ADMIN_KEY = "an Admin API key"
    API_KEY = "a personal or service account key"
    ACCESS_TOKEN = "an OAuth access token"  # noqa: S105 - the name of a kind
    ENTERPRISE_KEY = "a Claude Enterprise key"


CONSOLE = frozenset((CredentialKind.ADMIN_KEY, CredentialKind.API_KEY, CredentialKind.ACCESS_TOKEN))
ENTERPRISE_ONLY = frozenset((CredentialKind.ENTERPRISE_KEY,))


@dataclass(frozen=True, kw_only=True)
class Family:
    """Endpoints that an organization is offered, or not, together.

    `rate_limit` names the limit that their requests count against.
    """

    name: str
    credentials: frozenset[CredentialKind] = CONSOLE
    beta: str | None = None
    needs_version: bool = True
    hides_without_key: bool = False
    rate_limit: str = "general"


STANDARD = Family(name="standard")
ANALYTICS = Family(
    name="analytics",
    credentials=CONSOLE | ENTERPRISE_ONLY,
    beta="analytics-usage-cost-2026-08-24",
)
ACCESS = Family(name="access")
FEDERATION = Family(name="federation", credentials=frozenset((CredentialKind.ACCESS_TOKEN,)))
SPEND_LIMITS = Family(
    name="spend_limits", credentials=CONSOLE | ENTERPRISE_ONLY, beta="spend-limit-reads-2026-09-26"
)
ENGAGEMENT = Family(name="engagement", credentials=ENTERPRISE_ONLY, rate_limit="enterprise")
RBAC = Family(name="rbac", credentials=ENTERPRISE_ONLY)
COMPLIANCE = Family(
    name="compliance",
    credentials=frozenset((CredentialKind.ADMIN_KEY, CredentialKind.ENTERPRISE_KEY)),
    needs_version=False,
    hides_without_key=True,
    rate_limit="compliance",
)
FAMILIES = {
    family.name: family
    for family in (
        STANDARD,
        ANALYTICS,
        ACCESS,
        FEDERATION,
        SPEND_LIMITS,
        ENGAGEMENT,
        RBAC,
        COMPLIANCE,
    )
}
