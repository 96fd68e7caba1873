"""Short-lived tokens in place of a stored key: exchanges the role's identity for them."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from claude_admin_lake.errors import BadAnswer, CredentialError, Forbidden, RequestRefused

from .accounts import Credential, Federation
from .api import Meter
from .query import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.clock import Clock

    from .api import AdminApi

AUDIENCE = "https://api.anthropic.com"
"""The audience of the role's identity token, even if requests go to another address."""

_PATH = "/v1/oauth/token"
_BETAS = "oauth-2025-04-20,oidc-federation-2026-04-01"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MARGIN = timedelta(minutes=2)

_CHECKLIST = (
    "the API does not say why. Compare with the rule in the Claude Console (Workload identity): its"
    " issuer and subject prefix are those above, its audience is {audience}, its id and service"
    " account are those configured (rule {rule}, service account {account}, organization"
    " {organization}), neither is archived, its scope is org:admin and the service account is an"
    " admin. A rule or signing key that is new takes a minute; a clock may be off by 30 s at most."
    " The reason is in the Console's authentication history"
)


class Token(msgspec.Struct, frozen=True):
    """An access token and when to renew it."""

    credential: Credential
    renew_at: datetime


Kept = dict[tuple[str, Federation], Token]
"""Tokens by address and federation, kept in memory for the life of the process."""


class _Answer(msgspec.Struct):
    access_token: str
    expires_in: float


class Tokens:
    """Access tokens, each kept until two minutes before it expires."""

    def __init__(
        self, api: AdminApi, identity: Callable[[], str], clock: Clock, kept: Kept | None = None
    ) -> None:
        """`api` must send no credential; `identity` returns a JSON Web Token for the role."""
        self._api, self._identity, self._clock = api, identity, clock
        self._kept = {} if kept is None else kept

    def current(self, federation: Federation) -> Credential:
        """A valid token. Raises CredentialError if the API issues none."""
        place = (self._api.base_url, federation)
        token = self._kept.get(place)
        if token is None or self._clock.now() >= token.renew_at:
            token = self._kept[place] = self._exchange(federation)
        return token.credential

    def forget(self, federation: Federation) -> None:
        """Discard a token that the API has refused, so that the next request gets a new one."""
        self._kept.pop((self._api.base_url, federation), None)

    def _exchange(self, federation: Federation) -> Token:
        identity = self._identity()
        asked_at = self._clock.now()
        try:
            answer = self._api.get(exchange_query(federation, identity), _read_answer, Meter())
        except (CredentialError, RequestRefused, Forbidden) as error:
            raise CredentialError(_refusal(federation, identity, error)) from None
        lifetime = timedelta(seconds=answer.expires_in)
        credential = Credential(answer.access_token, exchanged=True)
        # Tokens can be as short as a minute; the margin must not use up all of it.
        return Token(credential, asked_at + lifetime - min(_MARGIN, lifetime * 0.8))


def exchange_query(federation: Federation, identity: str) -> Query:
    """The request that exchanges a JSON Web Token for an access token."""
    body = {
        "grant_type": _GRANT,
        "assertion": identity,
        "federation_rule_id": federation.rule_id,
        "organization_id": federation.organization_id,
        "service_account_id": federation.service_account_id,
    }
    headers = {"Content-Type": "application/json", "anthropic-beta": _BETAS}
    return Query(_PATH, headers=headers, body=msgspec.json.encode(body))


def _read_answer(body: bytes) -> _Answer:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"{_PATH}: the answer has no access token: {error}") from None


def _refusal(federation: Federation, identity: str, error: Exception) -> str:
    checklist = _CHECKLIST.format(
        audience=AUDIENCE,
        rule=federation.rule_id,
        account=federation.service_account_id,
        organization=federation.organization_id,
    )
    return f"the API gives no token to {_who(identity)}; {checklist}. {error}"


def _who(identity: str) -> str:
    """The subject and issuer in a JSON Web Token, without its signature."""
    try:
        part = identity.split(".")[1]
        claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return f"the subject {claims['sub']!r} of the issuer {claims['iss']!r}"
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return "this role"
