"""Sends what is due, each message once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from claude_admin_lake.errors import LoaderError

from .alerts import alerts, unsent
from .digest import alert_message, digest_key, digest_of
from .webhook import post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .digest import Message
    from .facts import Facts
    from .settings import ReporterSettings

_log = logging.getLogger(__name__)
_CHAT = "chat/"
"""Before the key of a message that was mailed, but that the chat tool has yet to accept."""


class Post(Protocol):
    """Sends mails and remembers what was sent."""

    def told(self) -> list[str]:
        """Return what was remembered last."""
        ...

    def keep_told(self, keys: Sequence[str]) -> None:
        """Remember what was sent."""
        ...

    def mail(self, subject: str, text: str) -> None:
        """Send a mail."""
        ...

    def webhook(self) -> str:
        """Return the webhook's URL."""
        ...


def tell(facts: Facts, settings: ReporterSettings, outside: Post) -> dict[str, Any]:
    """Send new alerts, and the digest if it is due.

    What was sent is remembered at once, mails and chat separately, so another invocation repeats
    nothing and sends what is missing. A chat tool that refuses does not hold back the mails; its
    error is raised at the end.
    """
    told, sent, refused = outside.told(), list[str](), list[LoaderError]()
    for key, message in _messages(facts, settings, told):
        if key not in told:
            outside.mail(message.subject, message.text)
            sent.append(key)
            told += [key, _CHAT + key] if settings.webhook_secret else [key]
            outside.keep_told(told)
        if settings.webhook_secret and _CHAT + key in told:
            try:
                post(outside.webhook(), message.for_chat())
            except LoaderError as error:
                _log.warning("%s", error)
                refused.append(error)
            else:
                told.remove(_CHAT + key)
                outside.keep_told(told)
    if refused:
        raise refused[0]
    return {"sent": sent}


def _messages(
    facts: Facts, settings: ReporterSettings, told: Sequence[str]
) -> list[tuple[str, Message]]:
    """The messages that are due, with their keys."""
    done = [key for key in told if not settings.webhook_secret or _CHAT + key not in told]
    links = _links(facts, settings)
    found = alerts(facts, settings.thresholds, names_people=settings.names_people)
    messages = [(one.key, alert_message(one, facts, links)) for one in unsent(found, done)]
    key = digest_key(settings.digest, facts.day)
    if key and key not in done:
        messages.append((key, digest_of(facts, found, links)))
    return messages


def _links(facts: Facts, settings: ReporterSettings) -> list[tuple[str, str]]:
    page = f"{settings.page_url}{facts.organization}/report.html" if settings.page_url else ""
    links = [("Report", page), ("Dashboard", settings.dashboard_url)]
    return [(name, url) for name, url in links if url]
