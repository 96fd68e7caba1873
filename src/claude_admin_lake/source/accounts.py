"""Parses the secret: the credentials of each organization. Pure.

The secret is a bare key, or JSON with `api_key` and optionally `enterprise_key`. For several
organizations it is JSON with `organizations`, which maps each name to such an object or to one
that describes a federation.
"""

import json
import re
from collections.abc import Mapping

from msgspec import Struct, field

from claude_admin_lake.errors import CredentialError

from .kinds import certainly_wrong

_SHAPE = re.compile(r"sk-ant-[\w.~+/=-]{4,}", re.ASCII)
_PLACEHOLDER = re.compile(
    r"placeholder|replace[-_]?me|change[-_]?me|your[-_]|\.\.\.", re.IGNORECASE
)
_OAUTH = "sk-ant-oat"
_OAUTH_BETA = "oauth-2025-04-20"
_KEYS = ("api_key", "enterprise_key")
FEDERATION_FIELDS = (
    "federation_rule_id",
    "federation_organization_id",
    "federation_service_account_id",
)


class Credential(Struct, frozen=True):
    """A key or token. Its `repr` hides it."""

    secret: str
    as_bearer: bool = False
    exchanged: bool = False

    def __repr__(self) -> str:
        return "Credential()"

    @property
    def is_token(self) -> bool:
        """Whether it is an OAuth access token, which is only accepted as a Bearer token."""
        return self.exchanged or self.secret.startswith(_OAUTH)

    @property
    def beta(self) -> str | None:
        """The beta header that must accompany it, as in the official clients."""
        return _OAUTH_BETA if self.secret and self.is_token else None

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries it."""
        if not self.secret:
            return {}
        if self.is_token or self.as_bearer:
            return {"Authorization": f"Bearer {self.secret}"}
        return {"x-api-key": self.secret}


NO_CREDENTIAL = Credential("", exchanged=True)
"""Sends no header."""


class Federation(Struct, frozen=True):
    """What identifies the rule that exchanges the role's identity for a short-lived token."""

    rule_id: str
    organization_id: str
    service_account_id: str


class Account(Struct, frozen=True):
    """The credentials of one organization. Either key may be missing."""

    api_key: Credential | None = None
    enterprise_key: Credential | None = None
    federation: Federation | None = None


class SecretLocation(Struct, frozen=True, kw_only=True):
    """Where the secret is (for messages), and which organization's credentials to read from it."""

    name: str
    advice: str
    organization: str = "main"
    organizations: tuple[str, ...] = ("main",)
    federation: Mapping[str, str] = field(default_factory=dict)
    """The fields of a federation that is configured outside the secret."""

    def refusal(self, what: str) -> CredentialError:
        """The error that says `what` is wrong with the secret."""
        return CredentialError(f"{self.name} {what}; {self.advice}")


def read_account(place: SecretLocation, text: str) -> Account:
    """The organization's credentials in the text of a secret.

    Raises CredentialError, which never quotes the text, if it has none that could be valid.
    """
    document = _document(place, text.strip())
    accounts = document.get("organizations")
    if accounts is None:
        if len(place.organizations) > 1:
            raise place.refusal(
                f"is for one organization, but ORGANIZATIONS is {','.join(place.organizations)};"
                ' it must be JSON like {"organizations": {"NAME": {"api_key": "..."}}}'
            )
        return _account(place, document)
    if not isinstance(accounts, dict):
        raise place.refusal("has organizations, but they are not a JSON object of names")
    if not isinstance(entry := accounts.get(place.organization), dict):
        raise place.refusal(f"has no credentials for the organization {place.organization!r}")
    _refuse_shared(place, entry, accounts)
    return _account(place, entry)


def _document(place: SecretLocation, text: str) -> dict[str, object]:
    if not text and place.federation:
        return {}
    if not text:
        raise place.refusal("is empty or not set")
    if not text.startswith("{"):
        return {"api_key": text}
    try:
        document: dict[str, object] = json.loads(text)
    except ValueError:
        raise place.refusal("is neither a key nor JSON with api_key") from None
    return document


def _refuse_shared(
    place: SecretLocation, entry: dict[str, object], accounts: dict[str, object]
) -> None:
    """If two names shared a key, an organization would be loaded twice, once wrongly named."""
    mine = {entry[name] for name in _KEYS if isinstance(entry.get(name), str)}
    for other, one in accounts.items():
        if other == place.organization or not isinstance(one, dict):
            continue
        if mine & {one[name] for name in _KEYS if isinstance(one.get(name), str)}:
            raise place.refusal(f"has the same key for {place.organization!r} and {other!r}")


def _account(place: SecretLocation, entry: dict[str, object]) -> Account:
    entry = {**entry, **place.federation}
    federation = [_text(place, entry, name) for name in FEDERATION_FIELDS]
    api_key, enterprise_key = (_credential(place, entry, name) for name in _KEYS)
    if any(federation):
        if not all(federation) or api_key:
            raise place.refusal(f"must have all of {', '.join(FEDERATION_FIELDS)} and no api_key")
        return Account(enterprise_key=enterprise_key, federation=Federation(*map(str, federation)))
    if not api_key and not enterprise_key:
        raise place.refusal("is JSON without api_key or enterprise_key")
    return Account(api_key, enterprise_key)


def _credential(place: SecretLocation, entry: dict[str, object], name: str) -> Credential | None:
    key = _text(place, entry, name)
    if key is None:
        return None
    if wrong := certainly_wrong(key):
        raise place.refusal(f"{wrong} (in {name})")
    if not _SHAPE.fullmatch(key) or _PLACEHOLDER.search(key):
        raise place.refusal(f"holds a placeholder, not an Admin API key (in {name})")
    return Credential(key)


def _text(place: SecretLocation, entry: dict[str, object], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise place.refusal(f"has {name}, but it is not a string")
    return value.strip() if value is not None else None
