"""What can be served at an instant: the organization, unless a test put something else there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from admin_double.errors import ApiError
from admin_double.organization import Organization
from admin_double.reports import DAILY, Report
from admin_double.rhythm import coding_version, report_version
from admin_double.shelf import Rendered, Shelf
from admin_double.wire import DAY, Record, encode, midnight

Records = str | bytes | Iterable[Record]
CODING_LAG = timedelta(hours=1)
REPORT_LAG = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One bucket of a report, and how it is to be summed."""

    start: datetime
    length: timedelta = DAILY.length
    group_by: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def wants(self, row: object) -> bool:
        return all(getattr(row, name) in values for name, values in self.filters)


class Catalogue:
    """Records as JSON text, in the order in which the API serves them."""

    def __init__(self, organization: Organization, now: Callable[[], datetime]) -> None:
        self.organization = organization
        self.now = now
        self._put: dict[tuple[str, date | str | None], Rendered] = {}
        self._shelf = Shelf()
        # The buckets of one day follow each other: its rows are made once for all of them.
        self._rows = lru_cache(maxsize=4)(self._make_rows)
        self._listings: Mapping[str, Callable[[], list[Record]]] = {
            "organization": lambda: [organization.record()],
            "workspaces": lambda: organization.workspace_records(now()),
            "api_keys": organization.api_key_records,
            "invites": lambda: organization.invite_records(now()),
            "users": organization.user_records,
        }

    def put(self, table: str, key: date | str | None, records: Records) -> None:
        self._put[table, key] = _verbatim(records)

    def drop(self, table: str, key: date | str | None) -> None:
        self._put.pop((table, key), None)

    def listing(self, table: str) -> Rendered:
        made = self._put.get((table, None))
        return made if made is not None else list(map(encode, self._listings[table]()))

    def members(self, workspace_id: str) -> Rendered:
        made = self._put.get(("workspace_members", workspace_id))
        if made is not None:
            return made
        records = self.organization.member_records(workspace_id, self.now())
        if records is None:
            raise ApiError(404, f"Workspace {workspace_id} not found")
        return list(map(encode, records))

    def coding(self, day: date) -> Rendered:
        made = self._put.get(("claude_code_usage", day))
        if made is not None:
            return made
        horizon = min(self.now() - CODING_LAG, midnight(day) + DAY)
        age = self._age(day)
        if age < 0:
            return []
        return self._shelf.get(
            ("claude_code_usage", day, coding_version(age), horizon),
            lambda: [
                encode(s.record) for s in self.organization.sessions(day, age) if s.at < horizon
            ],
        )

    def bucket(self, table: str, report: Report, wanted: Slice) -> Rendered:
        day = wanted.start.date()
        made = self._put.get((table, day)) if wanted.length == DAY else None
        if made is not None:
            return made
        age = self._age(day)
        if age < 0:
            return []
        end = min(wanted.start + wanted.length, self.now() - REPORT_LAG)
        version = report_version(self.organization.seed, day, age)

        def render() -> Rendered:
            rows = [
                r
                for r in self._rows(report.rows, day, age)
                if wanted.start <= r.at < end and wanted.wants(r)
            ]
            return list(map(encode, report.results(rows, wanted.group_by)))

        return self._shelf.get((table, wanted, version, end), render)

    def _make_rows(self, name: str, day: date, age: int) -> list[Any]:
        rows: list[Any] = getattr(self.organization, name)(day, age)
        return rows

    def _age(self, day: date) -> int:
        return (self.now().astimezone(UTC).date() - day).days


def _verbatim(records: Records) -> Rendered:
    """Text is cut into its elements without reading them, so that every digit survives."""
    if not isinstance(records, str | bytes):
        return [encode(record) for record in records]
    text = records.encode() if isinstance(records, str) else records
    if text.lstrip().startswith(b"["):
        return [bytes(element) for element in msgspec.json.decode(text, type=list[msgspec.Raw])]
    return [text]
