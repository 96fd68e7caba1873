"""Who may read an endpoint: the credentials and headers that its requests need."""

from enum import StrEnum

from msgspec import Struct


class Key(StrEnum):
    """The kinds of credential that an endpoint may ask for, by the secret's names."""

    API = "api_key"
    ENTERPRISE = "enterprise_key"
    OAUTH = "OAuth token"


class Access(Struct, frozen=True, kw_only=True):
    """What requests for a table need besides path and parameters.

    `keys` are the credentials that the endpoint accepts, the preferred one first. `beta` is the
    name that the header `anthropic-beta` must have; "" if the endpoint is not a beta.
    """

    keys: tuple[Key, ...] = (Key.API,)
    beta: str = ""

    @property
    def refusals(self) -> frozenset[int]:
        """The statuses that say, at a table's first request, that the endpoint is not offered."""
        return frozenset((400, 403, 404) if self.beta else (403, 404))
