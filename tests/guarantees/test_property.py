"""Whatever happens: the lake is true up to the cursor, or the run says that it is not.

Each story is drawn from a seed, which its name shows: faults of the API, kills, overlapping runs,
small budgets of time, clocks that are wrong, restatements, deleted objects and operators' events.
After each story the lake is compared with what the double holds. `make property` tells 500 stories
with seeds of its own; to repeat one, SEED=1234 EXAMPLES=1.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from admin_double import faults
from admin_double.api import AdminDouble
from admin_double.organization import Organization
from claude_admin_lake.errors import InvalidInput
from tests.guarantees.effects import Killed
from tests.guarantees.world import NOW, FakeClock, OnLaptop, World, ago, assert_day_is_true

STORIES = int(os.environ.get("PROPERTY_EXAMPLES", "30"))
FIRST_SEED = int(os.environ.get("PROPERTY_SEED", "1"))
DATED = ("claude_code_usage", "cost_report")
MEMBERS = "workspace_members"
START = 8
LOOKBACK = 3
MOST_REQUESTS = 400

FAULTS = (
    faults.status(500),
    faults.status(504),
    faults.status(429, retry_after=3),
    faults.status(429),
    faults.status(429, retry_after=86400),
    faults.status(400),
    faults.status(403),
    faults.reset(),
    faults.truncated(),
    faults.not_json(),
    faults.empty_page(),
    faults.repeated_token(),
    faults.missing_token(),
)
BUDGETS = (None, None, 2.5, 4.0, 8.0, 900.0)


@pytest.fixture(scope="module")
def double() -> Iterator[AdminDouble]:
    organization = Organization(seed=3, users=3, workspaces=5, first_day=ago(30))
    with AdminDouble(organization, now=NOW) as api:
        yield api


def records(table: str, day: date, size: int) -> list[dict[str, Any]]:
    """Small days whose content tells table, day and version apart."""
    if table == "cost_report":
        return [
            {"amount": f"{n}.{size}", "currency": "USD", "description": f"{day} {n}"}
            for n in range(size)
        ]
    return [
        {"date": f"{day}T00:00:00Z", "actor": {"type": "user_actor", "email_address": f"{n}@x"},
         "core_metrics": {"num_sessions": size}}
        for n in range(size)
    ]  # fmt: skip


class Story:
    """What happens, and what must hold after each run."""

    def __init__(self, api: AdminDouble, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        api.heal()
        api.now, api.page_cap = NOW, None
        self.world = World(
            api,
            OnLaptop(folder),
            {
                "START_DATE": str(ago(START)),
                "TABLES": ",".join(("workspaces", MEMBERS, *DATED)),
                "LOOKBACK_DAYS": str(LOOKBACK),
                "REPORT_LOOKBACK_DAYS": str(LOOKBACK),
                "REQUESTS_PER_MINUTE": "120",
            },
        )
        self.lost: set[tuple[str, date]] = set()
        self.accepted: set[tuple[str, date]] = set()
        self.remaining: list[dict[str, Any]] = []
        self.told: list[str] = []
        for table in DATED:
            for n in range(START + 1):
                api.put(table, ago(n), records(table, ago(n), n % 4))

    @property
    def today(self) -> date:
        return self.world.api.now.date()

    def tell(self) -> None:
        steps = (
            self.run, self.run, self.overlapping_run, self.killed_run, self.goes_on, self.next_day,
            self.next_day, self.restate, self.lose, self.fault, self.fault, self.fault, self.heal,
            self.page_size, self.members_change, self.backfill, self.repair, self.accept,
            self.some_tables, self.wrong_clock, self.other_time,
        )  # fmt: skip
        for _ in range(self.random.randint(1, 14)):
            step = self.random.choice(steps)
            self.told.append(step.__name__)
            step()

    def any_day(self, most: int = START) -> date:
        return self.today - timedelta(days=self.random.randint(1, most))

    def do(self, event: dict[str, Any] | None = None, **how: Any) -> None:
        try:
            result = self.world.run(event, **how)
        except InvalidInput:
            if event:
                return  # an operator's event may be refused, and says why
            raise
        assert self.world.api.count() <= MOST_REQUESTS
        assert len(json.dumps(result.as_dict())) < 32_000
        if result.remaining:
            self.remaining.append(result.remaining)
        self.judge(result, event or {})

    def run(self) -> None:
        self.do(seconds=self.random.choice(BUDGETS))

    def overlapping_run(self) -> None:
        """Another run begins while this one is at work; it must be busy."""
        moment, seen = self.random.randint(0, 12), []

        def interfere(_: object) -> None:
            seen.append(None)
            if len(seen) == moment:
                assert self.world.run(run_id="other").busy

        self.do(services=replace(self.world.services(), progress=interfere))

    def killed_run(self) -> None:
        moment, seen = self.random.randint(1, 14), []

        def die(_: object) -> None:
            seen.append(None)
            if len(seen) == moment:
                raise Killed

        with suppress(Killed):
            self.do(services=replace(self.world.services(), progress=die))

    def goes_on(self) -> None:
        """An earlier run is continued, maybe late or twice."""
        if self.remaining:
            self.do(self.random.choice(self.remaining), seconds=self.random.choice(BUDGETS))

    def next_day(self) -> None:
        new = self.today
        self.world.next_day()
        for table in DATED:
            self.world.api.put(table, new, records(table, new, new.day % 4))

    def restate(self) -> None:
        """Only days that every later run reads again; nothing is promised for older ones."""
        table, day = self.random.choice(DATED), self.any_day(LOOKBACK)
        cursor = self.world.cursor(table)
        oldest = date.fromisoformat(cursor) - timedelta(days=LOOKBACK - 1) if cursor else None
        if (oldest is None or day >= oldest) and (table, day) not in self.accepted:
            size = self.random.randint(0, 5)
            self.world.api.put(table, day, records(table, day, size))

    def lose(self) -> None:
        table, day = self.random.choice(DATED), self.any_day()
        if self.world.day(table, day) is not None:
            self.world.store.delete(f"{table}/organization=main/date={day}/{table}.jsonl.gz")
            self.lost.add((table, day))

    def fault(self) -> None:
        table = self.random.choice((*DATED, *DATED, MEMBERS, None))
        day = self.any_day() if table in DATED and self.random.random() < 0.5 else None
        fault, times = self.random.choice(FAULTS), self.random.choice((1, 2, 5, None))
        if fault.name == "empty page" and times is None:
            times = 5  # endless ones cost a hundred requests each
        nth = self.random.randint(1, 8)
        self.world.api.fail(table, fault, day=day, nth=nth, times=times)

    def heal(self) -> None:
        self.world.api.heal()

    def page_size(self) -> None:
        self.world.api.page_cap = self.random.choice((1, 2, 3, None))

    def members_change(self) -> None:
        spaces = self.world.api.truth("workspaces")
        live = [one["id"] for one in spaces if one["archived_at"] is None]
        space = self.random.choice(live)
        members = [
            {"type": "workspace_member", "user_id": f"user_{n}", "workspace_id": space,
             "workspace_role": "workspace_user"}
            for n in range(self.random.randint(0, 4))
        ]  # fmt: skip
        self.world.api.put(MEMBERS, space, members)

    def backfill(self) -> None:
        first, last = sorted((self.any_day(), self.any_day()))
        event = {"start_date": str(first), "end_date": str(last)}
        self.do(event, seconds=self.random.choice(BUDGETS))

    def repair(self) -> None:
        self.do({"repair": True}, seconds=self.random.choice(BUDGETS))

    def accept(self) -> None:
        table, day = self.random.choice(DATED), self.any_day()
        self.accepted.add((table, day))
        self.do({"organization": "main", "accept": {table: [str(day)]}})

    def some_tables(self) -> None:
        table = self.random.choice((*DATED, MEMBERS))
        self.do({"tables": [table]}, seconds=self.random.choice(BUDGETS))

    def wrong_clock(self) -> None:
        """The machine's clock is wrong for a run; the API's is not."""
        clock = self.world.clock
        hours = self.random.choice((-30, -5, 5, 30, 24 * 20))
        self.world.clock = FakeClock(self.world.api.now + timedelta(hours=hours))
        self.do()
        self.world.clock = clock

    def other_time(self) -> None:
        """An event says that it is for another time."""
        days = self.random.choice((-4, -1, 1, 20))
        moment = self.world.api.now + timedelta(days=days)
        self.do({"scheduled_time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"})

    def judge(self, result: Any, event: dict[str, Any]) -> None:
        """A run that says it loaded a table has; one that could not says so."""
        for table in DATED:
            self.judge_cursor(table)
        due = event.keys() <= {"tables", "organization", "accept"}
        for one in result.outcomes:
            if one.table in DATED and one.status == "loaded" and due and self.clock_is_right:
                assert self.world.cursor(one.table) == str(self.today - timedelta(days=1))
        said = {status for one in result.outcomes if (status := one.status.value) != "loaded"}
        assert (result.status == "complete") == (not said)

    @property
    def clock_is_right(self) -> bool:
        return self.world.clock.started == self.world.api.now

    def judge_cursor(self, table: str) -> None:
        """No day up to the cursor is missing that was not deleted or given up."""
        cursor = self.world.cursor(table)
        if not cursor:
            return
        through = date.fromisoformat(cursor)
        assert through < self.today
        span = [ago(START) + timedelta(days=n) for n in range((through - ago(START)).days + 1)]
        missing = {(table, day) for day in span if self.world.day(table, day) is None}
        assert missing <= self.lost | self.accepted

    def end(self) -> None:
        """All is well again: after a run and a repair, the lake is what the API holds."""
        self.world.api.heal()
        for event in (None, {"repair": True}, None):
            result = self.world.run(event)
            assert result.status == "complete", result.failures
            self.judge(result, event or {})
        for table in DATED:
            for n in range((self.today - ago(START)).days):
                day = ago(START) + timedelta(days=n)
                if (table, day) not in self.accepted:
                    assert_day_is_true(self.world, table, day)
        self.judge_members()
        assert self.world.store.leftovers() == []

    def judge_members(self) -> None:
        rows = self.world.rows(f"{MEMBERS}/organization=main/{MEMBERS}.jsonl.gz")
        truth = [json.loads(text) for text in self.world.api.truth_text(MEMBERS)]
        assert sorted(map(_member, rows)) == sorted(map(_member, truth))


def _member(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["workspace_id"], row["user_id"], row["workspace_role"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + STORIES))
def test_the_lake_is_true_up_to_the_cursor_or_the_run_says_it_is_not(
    double: AdminDouble, tmp_path: Path, seed: int
) -> None:
    story = Story(double, tmp_path, seed)
    try:
        story.tell()
        story.end()
    finally:
        sys.stdout.write(f"seed {seed}: {', '.join(story.told)}\n")
