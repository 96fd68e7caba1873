"""Messages for failed requests: the cause, and what to do about it."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3

from claude_admin_lake.errors import scrub

from .retry import TRANSPORT, UNREACHABLE, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .exchange import Answer

_SHOWN_CHARACTERS = 500
_CHECK = "check the network and ADMIN_API_BASE_URL, and set HTTPS_PROXY if you need a proxy"


def refused(path: str, answer: Answer) -> Refusal:
    """An answer that is not 200, with the API's own words for it."""
    request_id = answer.headers.get("request-id", "none")
    body = str(answer.body, "utf-8", "replace")  # whatever the server says of its encoding
    text = f"HTTP {answer.status}, request-id {request_id}: {_own_words(body)}"
    return Refusal(answer.status, answer.headers, f"{path}: {scrub(text)[:_SHOWN_CHARACTERS]}")


def broken(path: str, url: str, error: Exception) -> Refusal:
    """A request without an answer: no connection could be made, or it broke off."""
    host = urlsplit(url).netloc
    causes = list(_causes(error))
    why = _reason(causes)
    if isinstance(error, requests.exceptions.ProxyError):
        variable = f"{urlsplit(url).scheme.upper()}_PROXY"
        text = f"the proxy that {variable} names does not work{why}; fix or unset {variable}"
    elif any(isinstance(one, urllib3.exceptions.NameResolutionError) for one in causes):
        text = f"the name {urlsplit(url).hostname} cannot be resolved; {_CHECK}"
    elif isinstance(error, requests.exceptions.SSLError):
        text = (
            f"the certificate of {host} is not accepted{why}; if a proxy inspects your traffic, set"
            " REQUESTS_CA_BUNDLE to the file of its certificate"
        )
    elif isinstance(error, requests.exceptions.ConnectTimeout) or any(
        isinstance(one, urllib3.exceptions.NewConnectionError) for one in causes
    ):
        text = f"cannot connect to {host}{why}; {_CHECK}"
    else:
        return Refusal(TRANSPORT, {}, f"{path}: {_broke_off(error, host, why)}")
    return Refusal(UNREACHABLE, {}, text)


def _own_words(body: str) -> str:
    """The type and message of the API's error object; any other body as it is."""
    try:
        error = json.loads(body)["error"]
        return f"{error['type']}: {error['message']}"
    except (ValueError, TypeError, LookupError, RecursionError):
        return " ".join(body.split())


def _broke_off(error: Exception, host: str, why: str) -> str:
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return f"{host} stopped answering"
    return f"the connection to {host} broke off{why or f' ({type(error).__name__})'}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps. Libraries keep causes in arguments and in `reason`."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.append(one)
        yield one
        inner = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [each for each in inner if isinstance(each, BaseException)]


def _reason(causes: list[BaseException]) -> str:
    """The operating system's or the TLS library's message, if there is one."""
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f" ({one.verify_message})"
        if isinstance(one, OSError) and one.strerror and not isinstance(one, ssl.SSLError):
            return f" ({one.strerror})"
    return ""
