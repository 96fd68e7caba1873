"""The digest and alerts as plain text for mail, and as JSON for chat tools. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from claude_admin_lake.analysis.report.words import change, usd, whole

from .budgets import is_listed, outlook_text, tight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from .facts import Facts
    from .kinds import Alert

WIDTH = 60
"""Characters of a line: a phone shows them without breaking most."""
_MOST_SUBJECT = 99
_MOST_MOVERS = 3


@dataclass(frozen=True)
class Message:
    """A mail: SNS requires an ASCII subject of less than 100 characters."""

    subject: str
    text: str

    def for_chat(self) -> dict[str, Any]:
        """Return the JSON that Slack's and Teams' incoming webhooks show."""
        return {"text": f"{self.subject}\n\n{self.text}"}


def digest_key(rhythm: str, day: date) -> str | None:
    """Return the name of the digest that is due once a day is loaded; None if no digest is due.

    A weekly digest is due after each Sunday, with the first load that reaches it.
    """
    if rhythm == "never":
        return None
    last = day if rhythm == "daily" else day - timedelta(days=day.isoweekday() % 7)
    return f"digest/{last}"


def digest_of(facts: Facts, alerts: Sequence[Alert], links: Iterable[tuple[str, str]]) -> Message:
    """Write the digest of the last day with data."""
    subject = f"Claude at {facts.organization}: {usd(facts.month)} this month"
    lines = [
        *_paragraph(_money(facts)),
        *_budgets(facts, [one.key for one in alerts]),
        *_movers(facts),
        *_paragraph(_code(facts)),
        *_alerts([one for one in alerts if not is_listed(one.key)]),
        *_paragraph(_data(facts)),
        *_links(links),
    ]
    return Message(ascii_subject(subject), "\n".join(lines).strip() + "\n")


def alert_message(one: Alert, facts: Facts, links: Iterable[tuple[str, str]]) -> Message:
    """Write one alert."""
    lines = [
        *_paragraph(f"{one.title}. {one.detail}"),
        *_paragraph(f"What to do: {one.action}"),
        *_links(links),
    ]
    subject = ascii_subject(f"Claude at {facts.organization}: {one.title}")
    return Message(subject, "\n".join(lines).strip() + "\n")


def ascii_subject(text: str) -> str:
    """Reduce a text to what SNS accepts as a subject: printable ASCII in one short line."""
    plain = normalize("NFKD", text.replace("−", "-")).encode("ascii", "ignore").decode()
    line = " ".join("".join(one if one.isprintable() else " " for one in plain).split())
    return line if len(line) <= _MOST_SUBJECT else f"{line[: _MOST_SUBJECT - 3]}..."


def _money(facts: Facts) -> str:
    said = f"{facts.day:%A}, {facts.day:%b} {facts.day.day}, cost {usd(facts.yesterday)}. "
    said += f"The month has cost {usd(facts.month)} so far"
    if facts.month_before is not None:
        said += f"; the same days of last month cost {usd(facts.month_before)}"
    said += f". The last 7 days cost {usd(facts.week)}"
    if facts.week_before is not None:
        said += f", {_than(facts.week, facts.week_before)}"
    return f"{said}."


def _than(now: Decimal, before: Decimal) -> str:
    if now and not before:
        return "and the 7 days before nothing"
    arrow, _, by = change(now, before).partition(" ")
    compared = {"▲": f"{by} more than", "▼": f"{by} less than"}
    return f"{compared.get(arrow, 'as much as')} the 7 days before"


def _budgets(facts: Facts, alerted: Sequence[str]) -> Iterator[str]:
    for one in facts.outlooks:
        if one.scope == "organization":
            yield from _paragraph(outlook_text(one))
    if lines := tight(facts.outlooks, alerted):
        yield "Budgets:"
        for line in lines:
            yield from wrap(f"{line}.", WIDTH, initial_indent="- ", subsequent_indent="  ")
        yield ""


def _movers(facts: Facts) -> Iterator[str]:
    if facts.movers:
        yield "What moved most in the last whole week, by workspace:"
        for one in facts.movers[:_MOST_MOVERS]:
            words = f"{one.name}: {one.by}, {one.words}"
            yield from wrap(words, WIDTH, initial_indent="- ", subsequent_indent="  ")
        yield ""


def _code(facts: Facts) -> str:
    if not facts.sessions:
        return ""
    people, sessions = whole(facts.people), whole(facts.sessions)
    return f"Claude Code: {people} people in {sessions} sessions in the last 7 days."


def _alerts(alerts: Sequence[Alert]) -> Iterator[str]:
    if alerts:
        yield "Unusual:"
        for one in alerts:
            yield from wrap(f"{one.title}.", WIDTH, initial_indent="- ", subsequent_indent="  ")
        yield ""


def _data(facts: Facts) -> str:
    if not facts.late:
        return "All tables are current."
    return f"Not current: {', '.join(facts.late)}."


def _paragraph(text: str) -> Iterator[str]:
    if text:
        yield from wrap(text, WIDTH, break_long_words=False)
        yield ""


def _links(links: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A link stays on one line, however long it is."""
    for name, url in links:
        yield f"{name}: {url}"
