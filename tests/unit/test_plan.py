from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.plan.read import Read
from claude_admin_lake.plan.served import complete_through, question
from claude_admin_lake.plan.span import MOST_TRIES, Span
from claude_admin_lake.plan.table_plan import plan_repair, plan_table
from claude_admin_lake.settings import Settings

from .fakes import BY_NAME, DATED, NOON, SNAPSHOTS, day, days, names, spans

CLAUDE_CODE, USAGE, COST = (
    BY_NAME[name] for name in ("claude_code_usage", "usage_report", "cost_report")
)
START = day("2026-01-01")
SETTINGS = Settings(start_date=START)


def request_of(event=None, settings=SETTINGS, now=NOON):
    return read_event(event or {}, settings, now)


def cursor_of(table, text: str, settings=SETTINGS) -> Cursor:
    return Cursor(date=day(text), query=question(table, settings, NOON).query)


def plan_of(table, cursor=None, event=None, settings=SETTINGS, now=NOON):
    return plan_table(table, request_of(event, settings, now), settings, cursor or Cursor())


@pytest.mark.parametrize(
    ("table", "first"),
    [(CLAUDE_CODE, "2026-11-19"), (USAGE, "2026-10-23"), (COST, "2026-10-23")],
    ids=names((CLAUDE_CODE, USAGE, COST)),
)
def test_a_daily_run_reads_from_cursor_plus_one_less_lookback_through_yesterday(table, first):
    plan = plan_of(table, cursor_of(table, "2026-11-21"))
    assert plan.ranges == (days(first, "2026-11-21"),)


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
def test_without_a_cursor_a_run_reads_from_the_start(table):
    assert plan_of(table).ranges == (DayRange(START, day("2026-11-21")),)


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
def test_a_lookback_does_not_reach_before_the_start(table):
    settings = replace(SETTINGS, lookback_days=365, report_lookback_days=365)
    plan = plan_of(table, cursor_of(table, "2026-11-21", settings), settings=settings)
    assert plan.ranges == (DayRange(START, day("2026-11-21")),)


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
def test_no_lookback_reads_new_days_only(table):
    settings = replace(SETTINGS, lookback_days=0, report_lookback_days=0)
    plan = plan_of(table, cursor_of(table, "2026-11-20", settings), settings=settings)
    assert plan.ranges == (days("2026-11-21", "2026-11-21"),)
    assert plan_of(table, cursor_of(table, "2026-11-21", settings), settings=settings).ranges == ()


@pytest.mark.parametrize("table", [USAGE, COST], ids=names((USAGE, COST)))
def test_a_daily_run_asks_a_report_once(table):
    reads = list(plan_of(table, cursor_of(table, "2026-11-20")).reads())
    assert [read.days for read in reads] == [days("2026-10-22", "2026-11-21")]


@pytest.mark.parametrize(
    ("table", "reads"),
    [(CLAUDE_CODE, 325), (USAGE, 11), (COST, 11)],
    ids=names((CLAUDE_CODE, USAGE, COST)),
)
def test_a_first_run_reads_every_day_once_in_the_fewest_chains(table, reads):
    plan = plan_of(table)
    found = [read.days for read in plan.reads()]
    assert len(found) == reads
    assert [one for span in found for one in span] == list(DayRange(START, day("2026-11-21")))
    assert plan.slices == 325


@pytest.mark.parametrize("table", SNAPSHOTS, ids=names(SNAPSHOTS))
@pytest.mark.parametrize("event", [{}, {"start_date": "2026-11-01"}], ids=["run", "backfill"])
def test_a_snapshot_is_one_read_of_no_days(table, event):
    plan = plan_of(table, event=event)
    assert [(read.table, read.days) for read in plan.reads()] == [(table, None)]
    assert plan.slices == 1


@pytest.mark.parametrize(
    ("table", "now", "complete"),
    [
        (CLAUDE_CODE, "2026-11-22T00:30:00Z", "2026-11-20"),
        (CLAUDE_CODE, "2026-11-22T00:59:59Z", "2026-11-20"),
        (CLAUDE_CODE, "2026-11-22T01:00:00Z", "2026-11-21"),
        (USAGE, "2026-11-22T00:00:00Z", "2026-11-21"),
        (USAGE, "2026-11-22T00:30:00Z", "2026-11-21"),
        (COST, "2026-11-22T00:30:00Z", "2026-11-21"),
        (COST, "2026-11-22T23:59:59Z", "2026-11-21"),
    ],
)
def test_a_day_is_complete_once_the_api_can_serve_all_of_it(table, now, complete):
    assert complete_through(table.days, datetime.fromisoformat(now)) == day(complete)


def test_half_an_hour_after_midnight_claude_code_usage_leaves_yesterday_for_later_and_says_so():
    now = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    plan = plan_of(CLAUDE_CODE, cursor_of(CLAUDE_CODE, "2026-11-20"), now=now)
    assert plan.ranges == (days("2026-11-18", "2026-11-20"),)
    assert plan.not_yet == (day("2026-11-21"),)
    assert plan_of(USAGE, now=now).not_yet == ()


def test_at_noon_nothing_is_left_for_later():
    assert plan_of(CLAUDE_CODE).not_yet == ()


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
@pytest.mark.parametrize("now", [NOON, NOON.replace(hour=0, minute=1)], ids=["noon", "00:01"])
def test_today_is_read_if_wanted_and_never_counts_as_complete(table, now):
    settings = replace(SETTINGS, include_today=True)
    plan = plan_of(table, cursor_of(table, "2026-11-21", settings), settings=settings, now=now)
    assert plan.ranges[-1].last == day("2026-11-22")
    assert plan.complete_through < day("2026-11-22")


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
@pytest.mark.parametrize("cursor", [None, "2026-11-21"], ids=["no cursor", "cursor"])
def test_a_backfill_reads_just_its_range(table, cursor):
    event = {"start_date": "2026-06-01", "end_date": "2026-07-31"}
    plan = plan_of(table, cursor_of(table, cursor) if cursor else None, event=event)
    assert plan.ranges == (days("2026-06-01", "2026-07-31"),)
    assert not plan.reload


def test_a_backfill_misses_no_day_that_it_was_not_asked_for():
    event = {"start_date": "2026-11-01", "end_date": "2026-11-02"}
    assert plan_of(CLAUDE_CODE, event=event, now=NOON.replace(hour=0, minute=30)).not_yet == ()


def test_a_scheduled_time_in_the_past_plans_as_on_that_day():
    event = {"scheduled_time": "2026-10-05T06:00:00Z"}
    plan = plan_of(CLAUDE_CODE, cursor_of(CLAUDE_CODE, "2026-10-03"), event=event)
    assert plan.ranges == (days("2026-10-01", "2026-10-04"),)
    assert plan.complete_through == day("2026-10-04")


def test_a_cursor_beyond_an_early_scheduled_time_reads_only_what_overlaps():
    event = {"scheduled_time": "2026-10-05T06:00:00Z"}
    assert plan_of(CLAUDE_CODE, cursor_of(CLAUDE_CODE, "2026-11-21"), event=event).ranges == ()


def test_a_continuation_reads_just_what_was_left():
    left = {"cost_report": spans("2026-11-01/2026-11-03", "2026-11-07/2026-11-07")}
    plan = plan_of(COST, cursor_of(COST, "2026-11-21"), event=request_of().continued(left))
    assert plan.ranges == (days("2026-11-01", "2026-11-03"), days("2026-11-07", "2026-11-07"))


def test_a_continuation_retries_what_has_failed_after_the_rest_newest_first():
    left = (
        *spans("2026-10-10/2026-10-12"),
        Span(days("2026-10-01", "2026-10-01"), 2),
        Span(days("2026-11-01", "2026-11-03"), 1),
        Span(days("2026-11-07", "2026-11-07"), MOST_TRIES),
    )
    event = request_of().continued({"cost_report": left})
    plan = plan_of(COST, cursor_of(COST, "2026-11-21"), event=event)
    assert [read.days for read in plan.reads()] == [days("2026-10-10", "2026-10-12")]
    assert [(read.days, read.tries) for read in plan.retries()] == [
        (days("2026-10-01", "2026-10-01"), 2),
        (days("2026-11-01", "2026-11-03"), 1),
    ]
    assert [read.days for read in plan.given_up] == [days("2026-11-07", "2026-11-07")]
    assert plan.slices == 7


def test_a_snapshot_that_has_failed_is_no_first_read_any_more():
    plan = plan_of(SNAPSHOTS[0], event=request_of().continued({"organization": (Span(None, 1),)}))
    assert ([*plan.reads()], [read.tries for read in plan.retries()]) == ([], [1])


def test_a_failed_read_is_halved_newest_first_and_a_day_stays_a_day():
    whole = Read(COST, days("2026-11-01", "2026-11-05"))
    assert [one.days for one in whole.smaller([*whole.days], alone=False)] == [
        days("2026-11-04", "2026-11-05"),
        days("2026-11-01", "2026-11-03"),
    ]
    assert [one.days.first.day for one in whole.smaller([*whole.days], alone=True)] == [
        5,
        4,
        3,
        2,
        1,
    ]
    stored_before_it_failed = [*whole.days][3:]
    assert [one.days.first.day for one in whole.smaller(stored_before_it_failed, alone=False)] == [
        5, 4,
    ]  # fmt: skip
    day_alone = Read(COST, days("2026-11-01", "2026-11-01"), 1)
    assert day_alone.smaller([*day_alone.days], alone=False) == [day_alone]
    assert Read(SNAPSHOTS[0]).smaller([], alone=False) == [Read(SNAPSHOTS[0])]


class TestChangedQuery:
    SPEED = replace(SETTINGS, usage_group_by=("model", "speed"))

    def test_other_dimensions_read_the_history_again(self):
        plan = plan_of(USAGE, cursor_of(USAGE, "2026-11-21"), settings=self.SPEED)
        assert plan.reload
        assert plan.ranges == (DayRange(START, day("2026-11-21")),)

    def test_other_tables_are_not_touched_by_it(self):
        assert not plan_of(COST, cursor_of(COST, "2026-11-21"), settings=self.SPEED).reload

    def test_the_same_dimensions_in_another_order_are_the_same_query(self):
        turned = replace(SETTINGS, usage_group_by=SETTINGS.usage_group_by[::-1])
        assert question(USAGE, turned, NOON) == question(USAGE, SETTINGS, NOON)

    def test_a_backfill_reloads_nothing_else(self):
        event = {"start_date": "2026-11-01", "end_date": "2026-11-02"}
        cursor = cursor_of(USAGE, "2026-11-21")
        begun = replace(
            cursor, reload_query=question(USAGE, self.SPEED, NOON).query, reload_through=START
        )
        plan = plan_of(USAGE, begun, event=event, settings=self.SPEED)
        assert plan.ranges == (days("2026-11-01", "2026-11-02"),)
        assert not plan.reload

    @pytest.mark.parametrize(
        "event", [{"start_date": "2026-11-01", "end_date": "2026-11-02"}, {"repair": True}]
    )
    def test_a_few_days_are_not_stored_with_other_dimensions(self, event):
        """The cursor's query would not tell, and no later run would reload them."""
        with pytest.raises(
            InvalidInput, match=r"stored as '1d:.*' but would be read as '1d:.*speed"
        ):
            plan_of(USAGE, cursor_of(USAGE, "2026-11-21"), event=event, settings=self.SPEED)


class TestRepair:
    ALL = frozenset(days("2026-01-01", "2026-11-21"))

    def plan(self, present, cursor="2026-11-20", table=CLAUDE_CODE, event=None):
        found = cursor_of(table, cursor) if cursor else Cursor()
        request = request_of(event or {"repair": True})
        return plan_repair(table, request, SETTINGS, found, present)

    def test_just_the_missing_days_up_to_the_cursor_are_read(self):
        missing = {day("2026-01-01"), day("2026-05-05"), day("2026-05-06"), day("2026-11-21")}
        assert self.plan(self.ALL - missing).ranges == (
            days("2026-01-01", "2026-01-01"),
            days("2026-05-05", "2026-05-06"),
        )

    def test_a_whole_lake_needs_nothing(self):
        plan = self.plan(self.ALL)
        assert (plan.ranges, plan.slices, list(plan.reads())) == ((), 0, [])

    def test_without_a_cursor_no_day_is_missing(self):
        assert self.plan(set(), cursor=None).ranges == ()

    def test_days_before_the_start_do_not_matter(self):
        assert self.plan(set(), cursor="2025-12-31").ranges == ()

    def test_scattered_gaps_of_a_report_are_asked_for_range_by_range(self):
        missing = {day("2026-05-05") + timedelta(days=2 * n) for n in range(3)}
        assert len(list(self.plan(self.ALL - missing, table=USAGE).reads())) == 3

    def test_what_a_repair_left_over_is_continued_as_it_was(self):
        left = {"claude_code_usage": spans("2026-05-06/2026-05-06")}
        event = request_of({"repair": True}).continued(left)
        assert self.plan(set(), event=event).ranges == (days("2026-05-06", "2026-05-06"),)
