"""Posts a message to a chat tool. The whole URL is a secret: no error contains it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from claude_admin_lake.errors import LoaderError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class WebhookFailed(LoaderError):
    """The chat tool did not accept the message."""


class _NoRedirects(HTTPRedirectHandler):
    """A redirect could lead the message anywhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


def post(url: str, message: Mapping[str, Any], seconds: float = _SECONDS) -> None:
    """Post a message as JSON: one attempt. Raises WebhookFailed if it is not accepted."""
    _check(url)
    body = json.dumps(message).encode()
    request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked
    try:
        with _OPENER.open(request, timeout=seconds):
            return
    except HTTPError as error:
        error.close()
        raise WebhookFailed(f"the webhook answered {error.code}; must be 2xx") from None
    except (OSError, ValueError) as error:
        reason = type(getattr(error, "reason", error)).__name__
        raise WebhookFailed(f"the webhook cannot be reached: {reason}") from None


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    secure = host and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))
    if not secure:
        raise WebhookFailed(
            "the webhook's secret is not an https:// address; store the whole URL in it"
        )
