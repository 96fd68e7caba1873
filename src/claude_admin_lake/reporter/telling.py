"""Sends what is due, each message once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from claude_admin_lake.errors import LoaderError

from .alerts import alerts, untold
from .digest import alert_message, digest_key, digest_of
from .webhook import post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .digest import Message
    from .facts import Facts
    from .settings import ReporterSettings

_log = logging.getLogger(__name__)


class Post(Protocol):
    """Sends mails and remembers what was sent."""

    def told(self) -> list[str]:
        """Return the keys of what was sent."""
        ...

    def keep_told(self, keys: Sequence[str]) -> None:
        """Remember what was sent."""
        ...

    def mail(self, subject: str, text: str) -> None:
        """Send a mail."""
        ...

    def webhook(self) -> str:
        """Return the webhook's URL, or an empty string without a webhook."""
        ...


def tell(facts: Facts, settings: ReporterSettings, outside: Post) -> dict[str, Any]:
    """Send new alerts, and the digest if it is due.

    A message is remembered as soon as its mail is accepted, so a failed invocation does not repeat
    those before. A chat tool that refuses does not hold back the mails; it is told at the end.
    """
    told, sent, refused = outside.told(), list[str](), list[LoaderError]()
    webhook = outside.webhook()
    for key, message in _messages(facts, settings, told):
        outside.mail(message.subject, message.text)
        sent.append(key)
        outside.keep_told([*told, *sent])
        try:
            if webhook:
                post(webhook, message.for_chat())
        except LoaderError as error:
            _log.warning("%s", error)
            refused.append(error)
    if refused:
        raise refused[0]
    return {"sent": sent}


def _messages(
    facts: Facts, settings: ReporterSettings, told: Sequence[str]
) -> list[tuple[str, Message]]:
    links = _links(facts, settings)
    found = alerts(facts, settings.thresholds, names_people=settings.names_people)
    messages = [(one.key, alert_message(one, facts, links)) for one in untold(found, told)]
    key = digest_key(settings.digest, facts.day)
    if key and key not in told:
        messages.append((key, digest_of(facts, found, links)))
    return messages


def _links(facts: Facts, settings: ReporterSettings) -> list[tuple[str, str]]:
    page = f"{settings.page_url}{facts.organization}/report.html" if settings.page_url else ""
    links = [("Report", page), ("Dashboard", settings.dashboard_url)]
    return [(name, url) for name, url in links if url]
