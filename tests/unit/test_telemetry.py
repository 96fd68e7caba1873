"""What a run reports, and what it must not claim about what it has not checked."""

import json
from datetime import timedelta

import pytest

from claude_admin_lake.function import telemetry
from claude_admin_lake.lake import Published
from claude_admin_lake.metrics import METRICS
from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.request import Mode, Request
from claude_admin_lake.plan.served import question
from claude_admin_lake.plan.table_plan import TablePlan
from claude_admin_lake.run.outcome import Outcome, Status
from claude_admin_lake.run.result import Result
from claude_admin_lake.settings import Settings
from claude_admin_lake.source.api import Meter

from .fakes import BY_NAME, DATED, NOON, day, days, names

SETTINGS = Settings(start_date=day("2026-11-01"))
CHANGED, SAME, RESTATED = (
    Published(changed=True), Published(changed=False), Published(changed=True, replaced=True),
)  # fmt: skip
DAILY = ("cost_report", "users")
"""The tables that are loaded daily here: a dated one and a snapshot."""
LAG, GAPS, DRIFT, FORBIDDEN = "CursorLagDays", "Gaps", "Drift", "Forbidden"
DRIFTED = "Drifted"
PROBLEMS = {GAPS, DRIFT, DRIFTED, FORBIDDEN}


def outcome(name: str, cursor: str | None = None, **more) -> Outcome:
    """A table of which one slice was read, all well."""
    table = BY_NAME[name]
    plan = TablePlan(
        table=table,
        question=question(table, SETTINGS, NOON),
        ranges=(days("2026-11-18", "2026-11-21"),) if table.days else (),
        complete_through=day("2026-11-21"),
    )
    found = Cursor(date=day(cursor) if cursor else None)
    fine = {
        "mode": Mode.INCREMENTAL,
        "gaps": [],
        "slices": 1,
        "meter": Meter(1, 0, 0.0),
        "seconds": 30.0,
    }
    return Outcome(
        plan=plan, started=NOON - timedelta(seconds=30), finished=NOON,
        cursor_before=found, cursor=found, **fine | more,
    )  # fmt: skip


def loaded() -> Outcome:
    one = outcome("cost_report", "2026-11-18", slices=0, meter=Meter(7, 2, 1.5))
    one.stored(day("2026-11-18"), 10, 100, [RESTATED])
    one.stored(day("2026-11-19"), 5, 50, [CHANGED])
    one.stored(day("2026-11-20"), 1, 20, [SAME])
    one.gaps, one.drift = [day("2026-11-02")], {"a: new", "b: new"}
    return one


def well(name: str = "cost_report", **more) -> Outcome:
    return outcome(name, "2026-11-21" if BY_NAME[name].days else None, **more)


def result(*outcomes: Outcome, slices=None, **more) -> Result:
    request = Request(
        organization="main", now=NOON, tables=tuple(one.table for one in outcomes), slices=slices,
        mode=outcomes[0].mode if outcomes else Mode.INCREMENTAL,
    )  # fmt: skip
    return Result("r", request, outcomes, **more)


@pytest.fixture
def emitted(capsys):
    """Emits a result; what was printed, by the value of the dimension `table`."""

    def emit(found: Result, tables=DAILY) -> dict[str, dict]:
        telemetry.emit(found, tables, "Space")
        return by_table(capsys)

    return emit


@pytest.fixture
def totals(emitted):
    """The totals of a run of these outcomes."""
    return lambda *outcomes, **more: values(emitted(result(*outcomes, **more))["all"])


def by_table(capsys) -> dict[str, dict]:
    return {one["table"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}


def values(emf: dict) -> dict[str, float]:
    """The metrics' values, which EMF wraps in lists."""
    metrics = emf["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    return {metric["Name"]: sum(emf[metric["Name"]]) for metric in metrics}


class TestFormat:
    @pytest.mark.parametrize("service", [None, "handler"], ids=["bare", "service in environment"])
    def test_the_only_dimension_is_the_table(self, emitted, monkeypatch, service):
        if service:
            monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
        for emf in emitted(result(loaded(), outcome("users"))).values():
            (directive,) = emf["_aws"]["CloudWatchMetrics"]
            assert directive["Dimensions"] == [["table"]]
            assert directive["Namespace"] == "Space"

    def test_every_metric_has_its_declared_unit(self, emitted):
        units = {metric.name: metric.unit.value for metric in METRICS}
        for emf in emitted(result(loaded(), outcome("users"))).values():
            for metric in emf["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                assert metric["Unit"] == units[metric["Name"]]

    def test_no_table_is_called_like_the_totals(self):
        assert telemetry.ALL_TABLES not in BY_NAME

    def test_no_two_metrics_and_no_two_alarms_have_the_same_name(self):
        alarms = [alarm.name for metric in METRICS for alarm in metric.alarms]
        metrics = [metric.name for metric in METRICS]
        assert len(set(metrics)) == len(metrics)
        assert len(set(alarms)) == len(alarms)


class TestTotals:
    def test_a_run_reports_every_metric(self, totals):
        late = loaded()
        assert totals(late, outcome("users")) == {
            "Rows": 16, "ObjectsWritten": 2, "ObjectsUnchanged": 1, "BytesWritten": 150,
            "RestatedDays": 1, "Requests": 8, "Retries": 2, "WaitSeconds": 1.5,
            "DurationSeconds": 60, "Gaps": 1, "Drift": 2, "Drifted": 0, "Forbidden": 0, "Failed": 0,
            "Unfinished": 0, "CursorLagDays": 3, "EventsRefused": 0,
        }  # fmt: skip

    def test_all_metrics_are_in_the_list(self, totals):
        assert set(totals(loaded(), outcome("users"))) == {metric.name for metric in METRICS}

    @pytest.mark.parametrize(
        ("status", "metric"),
        [(Status.FORBIDDEN, FORBIDDEN), (Status.FAILED, "Failed"),
         (Status.UNFINISHED, "Unfinished")],
    )  # fmt: skip
    def test_what_went_wrong_is_counted_once(self, totals, status, metric):
        found = totals(well(), outcome("users", status=status))
        assert {name for name in (FORBIDDEN, "Failed", "Unfinished") if found.get(name)} == {metric}

    def test_a_busy_run_has_no_metrics(self, emitted):
        assert emitted(result(busy=True)) == {}

    def test_a_run_that_could_not_begin_is_one_failure(self, capsys):
        telemetry.emit_failure("Space")
        assert {table: values(emf) for table, emf in by_table(capsys).items()} == {
            "all": {"Failed": 1}
        }


class TestLag:
    @pytest.mark.parametrize(
        ("cursor", "lag"), [("2026-11-21", 0), ("2026-11-20", 1), ("2026-11-22", 0), (None, 21)]
    )
    def test_the_lag_is_how_many_days_the_cursor_is_behind_yesterday(self, emitted, cursor, lag):
        printed = emitted(result(outcome("cost_report", cursor)))
        assert values(printed["cost_report"]) == {LAG: lag}

    def test_the_lag_is_all_that_is_reported_by_table_and_a_snapshot_has_none(self, emitted):
        assert set(emitted(result(loaded(), outcome("users")))) == {"all", "cost_report"}

    def test_the_total_is_the_largest(self, totals):
        late = outcome("claude_code_usage", "2026-11-11", status=Status.FAILED)
        assert totals(well(), late)[LAG] == 10

    def test_a_run_of_some_tables_does_not_hide_that_another_one_lags(self, totals):
        assert totals(outcome("users"), idle_lag=5)[LAG] == 5

    def test_the_lag_of_other_tables_that_could_not_be_read_is_not_claimed(self, totals):
        assert LAG not in totals(well(), report_error="no access")

    def test_an_unfinished_table_is_still_catching_up(self, emitted):
        printed = emitted(result(well(), outcome("usage_report", status=Status.UNFINISHED)))
        assert values(printed["cost_report"]) == {LAG: 0}
        assert "usage_report" not in printed
        assert LAG not in values(printed["all"])

    def test_a_cursor_that_could_not_be_read_is_not_a_lag(self, emitted):
        unread = outcome("cost_report", status=Status.FAILED, meter=Meter(0, 0, 0.0))
        assert LAG not in values(emitted(result(unread))["all"])

    def test_a_table_that_failed_before_its_first_day_lags_from_the_start(self, totals):
        assert totals(outcome("cost_report", status=Status.FAILED))[LAG] == 21

    @pytest.mark.parametrize("mode", [Mode.BACKFILL, Mode.REPAIR])
    def test_only_a_run_that_moves_cursors_reports_a_lag(self, emitted, mode):
        printed = emitted(result(well(mode=mode)))
        assert set(printed) == {"all"}
        assert LAG not in values(printed["all"])


class TestWhatWasNotChecked:
    """A zero may end an alarm, so that only a run that checked everything reports one."""

    def test_a_run_of_all_tables_that_finds_nothing_reports_zeros(self, totals):
        found = totals(well(), outcome("users"))
        assert {name: found[name] for name in PROBLEMS} == dict.fromkeys(PROBLEMS, 0)

    def test_a_run_of_some_tables_reports_no_zeros(self, totals):
        assert not PROBLEMS & set(totals(outcome("users")))

    def test_a_run_of_some_tables_reports_what_it_finds(self, totals):
        for mode in Mode:
            found = totals(outcome("users", status=Status.FORBIDDEN, slices=0, mode=mode))
            assert found[FORBIDDEN] == 1

    def test_a_backfill_reports_no_zeros(self, totals):
        found = totals(well(mode=Mode.BACKFILL, gaps=None), outcome("users", mode=Mode.BACKFILL))
        assert not PROBLEMS & set(found)

    def test_a_backfill_reports_drift(self, totals):
        assert totals(well(mode=Mode.BACKFILL, gaps=None, drift={"a: new"}))[DRIFT] == 1

    @pytest.mark.parametrize("mode", Mode)
    @pytest.mark.parametrize("status", [Status.DRIFTED, Status.FAILED, Status.UNFINISHED])
    def test_a_drifted_table_is_reported_however_it_ends(self, totals, mode, status):
        found = totals(well(mode=mode, gaps=None, status=status, drifted=True))
        assert found[DRIFTED] == 1

    def test_a_repair_of_all_dated_tables_says_that_no_gaps_are_left(self, totals):
        found = totals(well(mode=Mode.REPAIR, slices=0))
        assert PROBLEMS & set(found) == {GAPS}
        assert found[GAPS] == 0

    def test_a_failed_table_was_not_checked(self, totals):
        failed = outcome("users", status=Status.FAILED, slices=0, gaps=None)
        assert PROBLEMS & set(totals(well(), failed)) == {GAPS}
        failed = well(status=Status.FAILED, slices=0, gaps=None)
        assert not PROBLEMS & set(totals(failed, outcome("users")))

    def test_a_table_of_which_some_days_failed_has_answered(self, totals):
        found = totals(well(status=Status.FAILED), outcome("users"))
        assert (found[FORBIDDEN], found[DRIFT]) == (0, 0)

    def test_a_table_that_was_not_asked_for_any_day_has_not_answered(self, totals):
        assert not {FORBIDDEN, DRIFT, DRIFTED} & set(totals(well(slices=0), outcome("users")))

    def test_an_unfinished_run_leaves_the_zeros_to_the_continuation_that_ends_it(self, totals):
        unfinished = well(status=Status.UNFINISHED)
        assert not {FORBIDDEN, DRIFT} & set(totals(outcome("users"), unfinished))
        ended = totals(well(), slices={"cost_report": (days("2026-11-21", "2026-11-21"),)})
        assert {name: ended[name] for name in PROBLEMS} == dict.fromkeys(PROBLEMS, 0)

    def test_tables_that_are_not_loaded_daily_are_not_needed_for_a_zero(self, emitted):
        printed = emitted(result(*map(well, names(DATED))), names(DATED))
        assert values(printed["all"])[FORBIDDEN] == 0
