"""What an organization of a size needs: requests, time, objects, bytes. Pure arithmetic.

The counts follow from the loader's rules (docs/decisions.md); `bench.checking` compares them with
runs. Every object is taken to be small enough for a single PUT.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from claude_admin_lake.settings import Settings
from claude_admin_lake.source.pace import burst
from claude_admin_lake.tables import TABLES

Rows = Mapping[str, int]
"""An organization: the rows of a day or a snapshot, by table."""

PACE, MEMORY_MB = 90, 512
ANALYTICS = (
    "analytics_usage", "analytics_cost", "analytics_usage_by_actor", "analytics_cost_by_actor",
)  # fmt: skip
LOOKBACK = {"claude_code_usage": 3} | dict.fromkeys(("usage_report", "cost_report", *ANALYTICS), 30)
LARGEST_PAGE, BUCKETS_A_PAGE, DAYS_A_CHAIN, KEYS_A_LIST = 1000, 31, 31, 1000
KINDS_OF_TOKEN = {"analytics_cost": 5}
"""Rows that a page's limit counts as one."""
INVOCATION = 880  # seconds of its 900 that an invocation of a long load uses

# Measured on the test double's data.
BYTES_A_ROW = {
    "organization": 100, "workspaces": 70, "workspace_members": 23, "api_keys": 65, "invites": 40,
    "users": 39, "usage_report": 54, "cost_report": 23, "claude_code_usage": 88,
    "analytics_usage": 80, "analytics_cost": 40, "analytics_usage_by_actor": 95,
    "analytics_cost_by_actor": 73,
}  # fmt: skip
BYTES_AN_OBJECT = 300
COLD_START, API_LATENCY = 1.5, 0.3
"""Seconds; how long the API takes for a page is an assumption."""
RESTATED = {"claude_code_usage": 1} | dict.fromkeys(("usage_report", "cost_report", *ANALYTICS), 2)
"""How many days before the newest have changed in a daily run, as the test double restates."""
DATED = tuple(RESTATED)
SNAPSHOTS = tuple(one.name for one in TABLES if one.name in Settings().tables and not one.days)


def organization(users: int) -> Rows:
    """An assumed organization: 1.2 records a day for each user of Claude Code, a workspace for
    every fifty users, four keys in each workspace."""
    workspaces = max(2, users // 50)
    return {
        "organization": 1, "workspaces": workspaces, "users": users, "api_keys": 4 * workspaces,
        "workspace_members": workspaces * min(users, 60), "invites": max(5, users // 20),
        "usage_report": 10 * workspaces, "cost_report": 12 * workspaces,
        "claude_code_usage": ceil(1.2 * users), "analytics_usage": 8 * workspaces,
        "analytics_cost": 40 * workspaces, "analytics_usage_by_actor": 10 * workspaces,
        "analytics_cost_by_actor": 11 * workspaces,
    }  # fmt: skip


def size(one: Rows, table: str) -> int:
    """Bytes of a day or a snapshot in the lake."""
    return BYTES_AN_OBJECT + BYTES_A_ROW[table] * one[table]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a run does; S3 calls by the price class of PUT and of GET."""

    requests: dict[str, int]
    bytes: int
    objects: int
    s3_puts: int
    s3_gets: int

    @property
    def all_requests(self) -> int:
        return sum(self.requests.values())

    @property
    def seconds(self) -> float:
        """Waiting for the pace or for answers, which hides the work; and the cold starts."""
        paced = max(0.0, self.all_requests - burst(PACE)) * 60 / PACE
        waiting = max(paced, self.all_requests * API_LATENCY)
        return waiting + COLD_START * ceil(waiting / INVOCATION)


def pages(count: int, most: int = LARGEST_PAGE) -> int:
    return max(1, ceil(count / most))


def least_requests(one: Rows, days: Mapping[str, int]) -> dict[str, int]:
    """The fewest requests by table, for so many days of each dated table."""
    members = ceil(one["workspace_members"] / one["workspaces"])
    return {
        **{table: pages(one[table]) for table in SNAPSHOTS},
        **{table: pages(days[table], BUCKETS_A_PAGE) for table in DATED},
        **{table: _pages_of_rows(one, table, days[table]) for table in ANALYTICS},
        "workspace_members": one["workspaces"] * pages(members),
        "claude_code_usage": days["claude_code_usage"] * pages(one["claude_code_usage"]),
    }


def _pages_of_rows(one: Rows, table: str, days: int) -> int:
    """Days are read in chains, which begin a page of their own."""
    chains, rest = divmod(days, DAYS_A_CHAIN)
    counted = one[table] / KINDS_OF_TOKEN.get(table, 1)
    last = [pages(ceil(counted * rest))] if rest else []
    return sum([pages(ceil(counted * DAYS_A_CHAIN))] * chains + last)


def first_load(one: Rows, days: int) -> Work:
    """A load of all days into an empty lake."""
    return _work(one, dict.fromkeys(DATED, days), dict.fromkeys(DATED, days), days, 2)


def daily_run(one: Rows, held: int) -> Work:
    """The new day, the restated ones, a comparison of the rest of the lookback; no snapshot has
    changed."""
    read = {table: min(held, 1 + LOOKBACK[table]) for table in DATED}
    written = {table: min(read[table], 1 + RESTATED[table]) for table in DATED}
    return _work(one, read, written, held, 1)


def _work(one: Rows, read: Rows, written: Rows, held: int, snapshots: int) -> Work:
    """A run that writes these of the days that it compares with the lake, and so many objects of
    each snapshot: the day's, and the current one if it has changed."""
    puts = dict(written) | dict.fromkeys(SNAPSHOTS, snapshots)
    objects = sum(puts.values()) + 1  # of load_runs
    return Work(
        requests=least_requests(one, read),
        bytes=sum(size(one, table) * puts[table] for table in one),
        objects=objects,
        s3_puts=objects + len(DATED) * pages(held, KEYS_A_LIST) + 1,
        s3_gets=sum(read.values()) + 2 * len(SNAPSHOTS) + 2,
    )
