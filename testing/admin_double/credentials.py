"""Decides whether a request's credential, version and headers admit it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from admin_double.errors import ApiError
from admin_double.families import CredentialKind, Family
from admin_double.request import IncomingRequest
from admin_double.switches import Switches
from admin_double.tokens import TokenEndpoint

OLDER_VERSION, NEWER_VERSION = VERSIONS = ("2023-06-01", "2026-10-21")
ADMIN_PREFIX, KEY_PREFIX = "sk-ant-admin", "sk-ant-"
TOKEN_PREFIX = "sk-ant-oat"  # noqa: S105 - a prefix, not a credential
OAUTH_BETA = "oauth-2025-04-20"
SECRET_HEADERS = ("x-api-key", "authorization")
SHOWN = 12


@dataclass(kw_only=True)
class Admission:
    """The accepted credentials, and the families that are withheld from them.

    `withheld` maps a family, alone or with one credential, to the status of its responses.
    """

    switches: Switches
    keys: set[str] = field(default_factory=set)
    enterprise_keys: set[str] = field(default_factory=set)
    withheld: dict[tuple[str, str | None], int] = field(default_factory=dict)
    tokens: TokenEndpoint

    def check(self, request: IncomingRequest, family: Family) -> None:
        """Raise the API's error unless the request is admitted."""
        if family.hides_without_key and not any(h in request.headers for h in SECRET_HEADERS):
            raise ApiError(404)
        credential = self._sent(request)
        kind = self._kind(credential)
        if kind is None:
            raise ApiError(401, identified=not family.hides_without_key)
        if family.needs_version:
            _check_version(request)
        if self.tokens.admits(credential) and OAUTH_BETA not in request.betas:
            raise ApiError(401, "OAuth authentication is currently not supported.")
        self._check_offer(family, credential, kind)
        if family.beta and family.beta not in request.betas:
            message = f"This endpoint requires the header anthropic-beta: {family.beta}"
            raise ApiError(self.switches.missing_beta_status, message)

    def _check_offer(self, family: Family, credential: str, kind: CredentialKind) -> None:
        for key in ((family.name, credential), (family.name, None)):
            if key in self.withheld:
                raise ApiError(self.withheld[key])
        if kind not in family.credentials:
            raise ApiError(403)

    def _kind(self, credential: str) -> CredentialKind | None:
        if self.tokens.admits(credential):
            return CredentialKind.ACCESS_TOKEN
        if credential in self.enterprise_keys:
            return CredentialKind.ENTERPRISE_KEY
        if credential not in self.keys:
            return None
        if credential.startswith(TOKEN_PREFIX):
            return CredentialKind.ACCESS_TOKEN
        is_admin = credential.startswith(ADMIN_PREFIX)
        return CredentialKind.ADMIN_KEY if is_admin else CredentialKind.API_KEY

    def _sent(self, request: IncomingRequest) -> str:
        """The credential, if it is in a header in which it is accepted."""
        headers, accepted = request.headers, self.switches.key_headers
        key = headers.get("x-api-key")
        if key is not None:
            is_key = key.startswith(KEY_PREFIX) and not key.startswith(TOKEN_PREFIX)
            return key if is_key and "x-api-key" in accepted else ""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return ""
        if token.startswith(TOKEN_PREFIX):
            return token
        return token if "bearer" in accepted and request.version == NEWER_VERSION else ""


def _check_version(request: IncomingRequest) -> None:
    if request.version is None:
        raise ApiError(400, "anthropic-version: header is required")
    if request.version not in VERSIONS:
        raise ApiError(400, f"anthropic-version: {request.version!r} is not a valid version")


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Mask the credentials in headers."""
    return {
        name: _mask(value) if name in SECRET_HEADERS else value for name, value in headers.items()
    }


def _mask(value: str) -> str:
    scheme, space, secret = value.rpartition(" ")
    return f"{scheme}{space}{secret[:SHOWN]}***"
