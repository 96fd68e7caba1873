"""The token endpoint: exchanges signed JSON Web Tokens for access tokens that expire."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from admin_double.errors import ApiError
from admin_double.wire import encode

PATH = "/v1/oauth/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MOST_BYTES = 16 << 10
LEEWAY = timedelta(seconds=30)
LONGEST_ASSERTION = timedelta(hours=1)
SHORTEST = timedelta(minutes=1)
NEEDED = ("grant_type", "assertion", "federation_rule_id", "organization_id", "service_account_id")
Verify = Callable[[str, bytes, bytes], bool]
"""Whether the key of an id has signed a message: key id, signature, message."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A federation rule: whose tokens are let in, and as whom."""

    id: str
    organization_id: str
    service_account_id: str
    issuer: str
    verify: Verify
    subject_prefix: str
    audience: str = "https://api.anthropic.com"
    lifetime: timedelta = timedelta(hours=1)


@dataclass
class TokenEndpoint:
    """Access tokens by their end, and the rules by which they are given."""

    now: Callable[[], datetime]
    rules: dict[str, Rule] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)

    def admits(self, token: str) -> bool:
        """Whether a token was given here and has not expired."""
        return token in self.ends and self.now() < self.ends[token]

    def exchange(self, body: bytes) -> bytes:
        """The answer to a request for a token. Raises ApiError: an opaque one for any denial."""
        fields = _fields(body)
        rule = self.rules.get(fields["federation_rule_id"])
        if rule is None or not self._is_let_in(rule, fields):
            raise ApiError(401, "Authentication failed")
        left = _moment(_claims(fields["assertion"])[1]["exp"]) - self.now()
        lifetime = max(SHORTEST, min(rule.lifetime, 2 * left))
        token = f"sk-ant-oat01-double-{next(self._numbers)}"
        self.ends[token] = self.now() + lifetime
        seconds = int(lifetime.total_seconds())
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
        return encode(answer | {"scope": "org:admin"})

    def _is_let_in(self, rule: Rule, fields: Mapping[str, str]) -> bool:
        named = (fields["organization_id"], fields["service_account_id"])
        if named != (rule.organization_id, rule.service_account_id):
            return False
        try:
            head, claims = _claims(fields["assertion"])
            message, _, signature = fields["assertion"].rpartition(".")
            signed = head["alg"] == "RS256" and rule.verify(
                head["kid"], _decoded(signature), message.encode()
            )
            return signed and self._fits(rule, claims)
        except (ValueError, KeyError, TypeError):
            return False

    def _fits(self, rule: Rule, claims: Mapping[str, Any]) -> bool:
        audience, now = claims["aud"], self.now()
        begin, end = _moment(claims["iat"]), _moment(claims["exp"])
        return (
            claims["iss"] == rule.issuer
            and claims["sub"].startswith(rule.subject_prefix)
            and rule.audience in ([audience] if isinstance(audience, str) else audience)
            and begin - LEEWAY <= now < end + LEEWAY
            and end - begin <= LONGEST_ASSERTION
        )


def _fields(body: bytes) -> dict[str, str]:
    try:
        fields = json.loads(body)
    except ValueError:
        raise ApiError(400, "The request body is not valid JSON") from None
    for name in NEEDED:
        if not isinstance(fields, dict) or not isinstance(fields.get(name), str):
            raise ApiError(400, f"{name}: Field required")
    if fields["grant_type"] != GRANT:
        raise ApiError(400, f"grant_type: Input should be '{GRANT}'")
    if not fields["federation_rule_id"].startswith("fdrl_"):
        raise ApiError(400, "federation_rule_id: Invalid id")
    if len(fields["assertion"]) > MOST_BYTES:
        raise ApiError(400, "assertion: too long")
    return dict(fields)


def _claims(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, claims, _ = assertion.split(".")
    return json.loads(_decoded(head)), json.loads(_decoded(claims))


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
