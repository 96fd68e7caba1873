"""The function's own identity: a JSON Web Token that STS signs for its role.

The request is signed here, because the botocore of Lambda's runtime may be older than the call.
"""

from __future__ import annotations

import html
import re
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.httpsession import URLLib3Session

from claude_admin_lake.errors import CredentialError
from claude_admin_lake.source.federation import AUDIENCE

if TYPE_CHECKING:
    from botocore.session import Session

    from claude_admin_lake.clock import Deadline

_PARAMETERS = {
    "Action": "GetWebIdentityToken",
    "Version": "2011-06-15",
    "Audience.member.1": AUDIENCE,
    "SigningAlgorithm": "RS256",
    "DurationSeconds": "300",
}
_ATTEMPTS = 3
_ONE_AT_A_TIME = Lock()
"""botocore's session is not thread-safe."""

_ADVICE = {
    "AccessDenied": "the function's role needs sts:GetWebIdentityToken"
    " (the template's parameter Federation grants it)",
    "OutboundWebIdentityFederationDisabledException": "switch it on for the account: aws iam"
    " enable-outbound-web-identity-federation",
}


def web_identity_token(session: Session, deadline: Deadline) -> str:
    """A token from STS, valid for five minutes; raises CredentialError if STS refuses."""
    try:
        for attempt in range(1, _ATTEMPTS + 1):
            with _ONE_AT_A_TIME:
                status, text = _ask(session)
            if status < 500 and status != 429 and "Throttling" not in text:
                break
            if attempt < _ATTEMPTS:
                deadline.wait(2.0**attempt, f"STS (HTTP {status})")
    except BotoCoreError as error:
        raise CredentialError(f"cannot ask STS for the role's identity: {error}") from error
    found = re.search(r"<WebIdentityToken>\s*([^<\s]+)\s*</WebIdentityToken>", text)
    if status != 200 or not found:
        raise CredentialError(_refusal(status, text))
    return found[1]


def _ask(session: Session) -> tuple[int, str]:
    """Status and body of one request; 503 if the connection failed."""
    # The global endpoint does not have the call.
    session.set_config_variable("sts_regional_endpoints", "regional")
    place = session.create_client("sts").meta
    credentials = session.get_credentials()
    if credentials is None:
        raise CredentialError("cannot ask STS for the role's identity: no AWS credentials here")
    request = AWSRequest(
        "POST",
        f"{place.endpoint_url.rstrip('/')}/",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        data=urlencode(_PARAMETERS),
    )
    SigV4Auth(credentials.get_frozen_credentials(), "sts", place.region_name).add_auth(request)
    verify = session.get_config_variable("ca_bundle") or True
    try:
        answer = URLLib3Session(verify=verify, timeout=10).send(request.prepare())
    except (HTTPClientError, NoConnection) as error:
        return 503, f"<Message>{html.escape(str(error))}</Message>"
    return answer.status_code, answer.text


def _refusal(status: int, text: str) -> str:
    code, message = _element("Code", text), _element("Message", text)
    advice = next((one for start, one in _ADVICE.items() if code.startswith(start)), "")
    return "; ".join(
        filter(None, (f"STS gives no token (HTTP {status}): {code} {message[:500]}", advice))
    )


def _element(name: str, text: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""
