"""Whatever happens: the lake is true up to the cursor, or the run says that it is not.

Hypothesis draws an organization's days, page sizes, faults, restatements, deleted objects, kills
and overlapping runs. `make property EXAMPLES=5000` looks longer.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from admin_double import faults
from admin_double.api import AdminDouble
from admin_double.organization import Organization
from tests.guarantees.effects import Killed
from tests.guarantees.world import NOW, OnLaptop, World, ago, assert_day_is_true

TABLES = ("claude_code_usage", "cost_report")
START = 6
LOOKBACK = 3

FAULTS = (
    faults.status(500),
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

tables = st.sampled_from(TABLES)
days = st.integers(0, START)
sizes = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("run"), st.sampled_from([None, 2.5, 4.0, 900.0])),
    st.tuples(st.just("overlapping run"), st.integers(0, 12)),
    st.tuples(st.just("killed run"), st.integers(1, 12)),
    st.tuples(st.just("next day")),
    st.tuples(st.just("restate"), tables, st.integers(1, LOOKBACK), sizes),
    st.tuples(st.just("lose"), tables, days),
    st.tuples(
        st.just("fault"), tables, st.integers(0, len(FAULTS) - 1), st.integers(1, 8),
        st.sampled_from([1, 2, None]),
    ),
    st.tuples(st.just("page size"), st.sampled_from([1, 2, 3, None])),
)  # fmt: skip


@pytest.fixture(scope="module")
def double() -> Iterator[AdminDouble]:
    with AdminDouble(
        Organization(seed=3, users=2, workspaces=1, first_day=ago(30)), now=NOW
    ) as api:
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
    """One example: the steps are told, and what must hold is checked."""

    def __init__(self, api: AdminDouble, folder: Path) -> None:
        api.heal()
        api.now, api.page_cap = NOW, None
        settings = {
            "START_DATE": str(ago(START)),
            "TABLES": ",".join(TABLES),
            "LOOKBACK_DAYS": str(LOOKBACK),
            "REPORT_LOOKBACK_DAYS": str(LOOKBACK),
            "REQUESTS_PER_MINUTE": "120",
        }
        self.world = World(api, OnLaptop(folder), settings)
        self.lost: set[tuple[str, date]] = set()
        for table in TABLES:
            for n in range(START + 1):
                api.put(table, ago(n), records(table, ago(n), n % 4))

    @property
    def today(self) -> date:
        return self.world.clock.now().date()

    def tell(self, step: tuple[Any, ...]) -> None:
        name, *arguments = step
        getattr(self, f"_{name.replace(' ', '_')}")(*arguments)

    def _run(self, seconds: float | None) -> None:
        self.judge(self.world.run(seconds=seconds))

    def _overlapping_run(self, moment: int) -> None:
        """Another run begins while this one is at work; it must be busy."""
        seen = []

        def interfere(_: object) -> None:
            seen.append(None)
            if len(seen) == moment:
                assert self.world.run(run_id="other").busy

        self.judge(self._run_with(interfere))

    def _killed_run(self, moment: int) -> None:
        seen = []

        def die(_: object) -> None:
            seen.append(None)
            if len(seen) == moment:
                raise Killed

        with suppress(Killed):
            self.judge(self._run_with(die))

    def _run_with(self, progress: Any) -> Any:
        return self.world.run(equipment=replace(self.world.equipment(), progress=progress))

    def _next_day(self) -> None:
        new = self.today
        self.world.next_day()
        for table in TABLES:
            self.world.api.put(table, new, records(table, new, new.day % 4))

    def _restate(self, table: str, back: int, size: int) -> None:
        """Only days that every later run will read again: older ones nobody promises."""
        cursor = self.world.cursor(table)
        oldest = date.fromisoformat(cursor) - timedelta(days=LOOKBACK - 1) if cursor else None
        day = self.today - timedelta(days=back)
        if oldest is None or day >= oldest:
            self.world.api.put(table, day, records(table, day, size))

    def _lose(self, table: str, back: int) -> None:
        day = self.today - timedelta(days=back)
        if self.world.day(table, day) is not None:
            self.world.store.delete(f"{table}/organization=main/date={day}/{table}.jsonl.gz")
            self.lost.add((table, day))

    def _fault(self, table: str, which: int, nth: int, times: int | None) -> None:
        self.world.api.fail(table, FAULTS[which], nth=nth, times=times)

    def _page_size(self, cap: int | None) -> None:
        self.world.api.page_cap = cap

    def judge(self, result: Any) -> None:
        """A run that says it loaded a table has; one that could not says so."""
        for one in result.outcomes:
            self._judge_table(one)
        said = {status for one in result.outcomes if (status := one.status.value) != "loaded"}
        assert (result.status == "complete") == (not said)

    def _judge_table(self, one: Any) -> None:
        cursor = self.world.cursor(one.table)
        through = date.fromisoformat(cursor) if cursor else ago(START + 1)
        span = [ago(START) + timedelta(days=n) for n in range((through - ago(START)).days + 1)]
        missing = [day for day in span if self.world.day(one.table, day) is None]
        assert {(one.table, day) for day in missing} <= self.lost
        if one.status == "loaded":
            assert through == self.today - timedelta(days=1)
            assert one.gaps == missing
            for day in span:
                if day not in missing:
                    assert_day_is_true(self.world, one.table, day)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "500")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=st.lists(steps, max_size=10))
def test_the_lake_is_true_up_to_the_cursor_or_the_run_says_it_is_not(
    double: AdminDouble, told: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(double, Path(folder))
        for step in told:
            story.tell(step)
        double.heal()
        story.judge(story.world.run())
        story.judge(story.world.run({"repair": True}))
        final = story.world.run()
        assert final.status == "complete"
        story.judge(final)
        assert story.world.store.leftovers() == []
