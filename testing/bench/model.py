"""What an organization of a size costs: requests, time, objects, bytes. Pure arithmetic.

Every count follows from the loader's rules (docs/decisions.md); `bench.counted` checks them
against runs. What is assumed and not counted is named here, in capitals.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from claude_admin_lake.lake.s3 import PART_BYTES
from claude_admin_lake.source.pace import burst
from claude_admin_lake.tables import TABLES

PACE = 90
MEMORY_MB = 512
WHOLE_PROCESSOR_MB = 1769
LOOKBACK, REPORT_LOOKBACK = 3, 30
LARGEST_PAGE, BUCKETS_A_PAGE, KEYS_A_LIST = 1000, 31, 1000
INVOCATION = 880
"""Seconds of its 900 that an invocation of a long load uses."""

# Measured: the other tables of docs/performance.md.
BYTES_A_ROW = {
    "organization": 100, "workspaces": 70, "workspace_members": 23, "api_keys": 65, "invites": 40,
    "users": 39, "usage_report": 54, "cost_report": 23, "claude_code_usage": 88,
}  # fmt: skip
BYTES_AN_OBJECT = 300
COLD_START = 1.5
ROW_CPU = 11e-6
S3_CALL = 0.030
"""Seconds of a whole processor for a row; seconds for a call to S3, most of them waiting."""

API_LATENCY = 0.3
"""Assumed: nobody has published what a page of the Admin API takes."""

# How many days behind the newest a daily run finds changed, as the double restates.
RESTATED = {"claude_code_usage": 1, "usage_report": 2, "cost_report": 2}
DATED = tuple(RESTATED)
SNAPSHOTS = tuple(table.name for table in TABLES if not table.days)


@dataclass(frozen=True, kw_only=True)
class Organization:
    """What decides how much there is to load."""

    users: int
    workspaces: int
    members: int
    """Of each workspace."""
    api_keys: int
    invites: int
    claude_code_rows: int
    """A day, as are the next two."""
    usage_rows: int
    cost_rows: int

    @property
    def rows(self) -> dict[str, int]:
        """A day's or a snapshot's, by table."""
        return {
            "organization": 1, "workspaces": self.workspaces,
            "workspace_members": self.workspaces * self.members, "api_keys": self.api_keys,
            "invites": self.invites, "users": self.users, "usage_report": self.usage_rows,
            "cost_report": self.cost_rows, "claude_code_usage": self.claude_code_rows,
        }  # fmt: skip

    def size(self, table: str) -> int:
        """Bytes of a day or a snapshot in the lake."""
        return BYTES_AN_OBJECT + BYTES_A_ROW[table] * self.rows[table]


def organization(users: int) -> Organization:
    """A guess at one of so many Claude Code users: 1.2 records each on an average day, a
    workspace for fifty of them, four keys in each."""
    workspaces = max(2, users // 50)
    return Organization(
        users=users, workspaces=workspaces, members=min(users, 60), api_keys=4 * workspaces,
        invites=max(5, users // 20), claude_code_rows=ceil(1.2 * users),
        usage_rows=10 * workspaces, cost_rows=12 * workspaces,
    )  # fmt: skip


@dataclass
class Work:
    """What a run does."""

    requests: dict[str, int]
    rows: int = 0
    bytes: int = 0
    objects: int = 0
    s3: Counter[str] = field(default_factory=Counter)
    cursor_writes: int = len(RESTATED)

    @property
    def all_requests(self) -> int:
        return sum(self.requests.values())

    @property
    def paced_seconds(self) -> float:
        return max(0.0, self.all_requests - burst(PACE)) * 60 / PACE

    @property
    def busy_seconds(self) -> float:
        """Rows and objects; all of it in the shadow of the pace, if that is longer."""
        share = MEMORY_MB / WHOLE_PROCESSOR_MB
        return self.rows * ROW_CPU / share + sum(self.s3.values()) * S3_CALL

    @property
    def seconds(self) -> float:
        asked = self.all_requests * API_LATENCY
        work = max(self.paced_seconds, self.busy_seconds, asked)
        return work + COLD_START * self.invocations(work)

    def invocations(self, seconds: float | None = None) -> int:
        return max(1, ceil((self.seconds if seconds is None else seconds) / INVOCATION))


def pages(count: int, most: int = LARGEST_PAGE) -> int:
    return max(1, ceil(count / most))


def least_requests(one: Organization, days: dict[str, int]) -> dict[str, int]:
    """The fewest that the API allows, by table, for so many days of each dated one."""
    return {
        "organization": 1,
        "workspaces": pages(one.workspaces),
        "workspace_members": one.workspaces * pages(one.members),
        "api_keys": pages(one.api_keys),
        "invites": pages(one.invites),
        "users": pages(one.users),
        "usage_report": ceil(days["usage_report"] / BUCKETS_A_PAGE),
        "cost_report": ceil(days["cost_report"] / BUCKETS_A_PAGE),
        "claude_code_usage": days["claude_code_usage"] * pages(one.claude_code_rows),
    }


def first_load(one: Organization, days: int) -> Work:
    """All days so far, into an empty lake."""
    span = dict.fromkeys(DATED, days)
    work = _work(one, span, span, days)
    work.cursor_writes = days + 2 * ceil(days / BUCKETS_A_PAGE)
    return work


def daily_run(one: Organization, days_in_lake: int, *, snapshots_change: bool = True) -> Work:
    """The new day, those restated, and a look at the rest of the lookback."""
    lookback = {"claude_code_usage": LOOKBACK}
    span = {table: min(days_in_lake, 1 + lookback.get(table, REPORT_LOOKBACK)) for table in DATED}
    changed = {table: min(span[table], 1 + RESTATED[table]) for table in DATED}
    return _work(one, span, changed, days_in_lake, snapshots_change=snapshots_change)


def _work(
    one: Organization,
    read: dict[str, int],
    written: dict[str, int],
    held: int,
    *,
    snapshots_change: bool = True,
) -> Work:
    rows = one.rows
    work = Work(least_requests(one, read), s3=Counter(HeadBucket=1, ListMultipartUploads=1))
    for table in DATED:
        new = read[table] == written[table]
        for day in range(read[table]):
            _put(work, one.size(table), changed=day < written[table], fresh=new or day == 0)
        work.rows += rows[table] * read[table]
        work.s3["ListObjectsV2"] += pages(held, KEYS_A_LIST)
    for table in SNAPSHOTS:  # by day, and as of now
        _put(work, one.size(table), changed=True, fresh=True)
        _put(work, one.size(table), changed=snapshots_change, fresh=read == written)
        work.rows += rows[table]
    _put(work, 1000, changed=True, fresh=True)  # load_runs
    return work


def _put(work: Work, size: int, *, changed: bool, fresh: bool) -> None:
    """One object: looked at, and written if it differs; in parts if it is large."""
    work.s3["HeadObject"] += 1
    parts = ceil(size / PART_BYTES) if size > PART_BYTES else 0
    if parts:
        work.s3["CreateMultipartUpload"] += 1
        work.s3["UploadPart"] += parts if changed else parts - 1
        work.s3["CompleteMultipartUpload" if changed else "AbortMultipartUpload"] += 1
        work.s3["GetObject"] += not fresh  # its digest is in its content only
    elif changed:
        work.s3["PutObject"] += 1
    work.objects += changed
    work.bytes += size * changed
