"""Checks the credential and the version of a request."""

from collections.abc import Collection, Mapping

from admin_double.errors import ApiError

VERSIONS = ("2023-06-01", "2026-10-21")
KEY_PREFIXES = ("sk-ant-admin", "sk-ant-api")
TOKEN_PREFIX = "sk-ant-oat"  # noqa: S105 - a prefix, not a credential
SECRET_HEADERS = ("x-api-key", "authorization")
SHOWN = 12


def check(headers: Mapping[str, str], accepted: Collection[str]) -> None:
    """Raise a 401 without an accepted credential, and a 400 without a known version."""
    if _credential(headers) not in accepted:
        raise ApiError(401)
    version = headers.get("anthropic-version")
    if version not in VERSIONS:
        missing = "anthropic-version: header is required"
        raise ApiError(
            400,
            missing
            if version is None
            else f"anthropic-version: {version!r} is not a valid version",
        )


def _credential(headers: Mapping[str, str]) -> str:
    """A key must be sent in x-api-key, an access token as a bearer token."""
    key = headers.get("x-api-key")
    if key is not None:
        return key if key.startswith(KEY_PREFIXES) else ""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX) else ""


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Mask the credentials in headers."""
    return {
        name: _mask(value) if name in SECRET_HEADERS else value for name, value in headers.items()
    }


def _mask(value: str) -> str:
    scheme, space, secret = value.rpartition(" ")
    return f"{scheme}{space}{secret[:SHOWN]}***"
