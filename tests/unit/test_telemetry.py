import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from claude_admin_lake.function import telemetry
from claude_admin_lake.lake import Published
from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.request import Mode, Request
from claude_admin_lake.plan.table_plan import TablePlan, question
from claude_admin_lake.run.outcome import Outcome, Result, Status
from claude_admin_lake.settings import Settings
from claude_admin_lake.source.api import Meter

from .fakes import BY_NAME, NOON, day, days

SETTINGS = Settings(start_date=day("2026-11-01"))
CHANGED, SAME, RESTATED = (
    Published(changed=True), Published(changed=False), Published(changed=True, replaced=True),
)  # fmt: skip


def outcome(name: str, cursor: str | None = None, **more) -> Outcome:
    table = BY_NAME[name]
    plan = TablePlan(
        table=table,
        question=question(table, SETTINGS),
        ranges=(days("2026-11-18", "2026-11-21"),) if table.days else (),
        complete_through=day("2026-11-21"),
        not_yet=more.pop("not_yet", ()),
    )
    found = Cursor(date=day(cursor) if cursor else None)
    started = NOON - timedelta(seconds=30)
    return Outcome(plan, Mode.INCREMENTAL, started, found, found, finished=NOON, **more)


def result(*outcomes: Outcome, **more) -> Result:
    tables = tuple(one.table for one in outcomes)
    return Result("r", Request(now=NOON, tables=tables), outcomes, **more)


def loaded() -> Outcome:
    one = outcome("cost_report", "2026-11-18", meter=Meter(7, 2, 1.5), not_yet=(NOON.date(),))
    one.stored(day("2026-11-18"), 10, 100, [RESTATED])
    one.stored(day("2026-11-19"), 5, 50, [CHANGED])
    one.stored(day("2026-11-20"), 1, 20, [SAME])
    one.gaps, one.drift = [day("2026-11-02")], {"a: new", "b: new"}
    return one


def emitted(capsys, found: Result) -> dict[str, dict]:
    """What was printed, by the value of the dimension `table`."""
    telemetry.emit(found, "Space")
    return by_table(capsys)


def by_table(capsys) -> dict[str, dict]:
    return {one["table"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}


def values(emf: dict) -> dict[str, float]:
    """The metrics' values, which EMF wraps in lists."""
    metrics = emf["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    return {metric["Name"]: sum(emf[metric["Name"]]) for metric in metrics}


EXPECTED = {
    "Rows": 16, "ObjectsWritten": 2, "ObjectsUnchanged": 1, "BytesWritten": 150,
    "RestatedDays": 1, "Requests": 7, "Retries": 2, "WaitSeconds": 1.5, "DurationSeconds": 30,
    "NotYetDays": 1, "Gaps": 1, "Drift": 2, "Forbidden": 0, "Failed": 0, "Unfinished": 0,
    "CursorLagDays": 3,
}  # fmt: skip


@pytest.mark.parametrize("service", [None, "handler"], ids=["bare", "service in environment"])
def test_the_only_dimension_is_the_table(capsys, monkeypatch, service):
    if service:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
    for emf in emitted(capsys, result(loaded(), outcome("users"))).values():
        (directive,) = emf["_aws"]["CloudWatchMetrics"]
        assert directive["Dimensions"] == [["table"]]
        assert directive["Namespace"] == "Space"


def test_every_metric_is_a_declared_one_with_its_unit(capsys):
    for emf in emitted(capsys, result(loaded(), outcome("users"))).values():
        for metric in emf["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
            assert metric["Unit"] == telemetry.METRICS[metric["Name"]].value


def test_a_dated_table_has_every_metric(capsys):
    assert values(emitted(capsys, result(loaded()))["cost_report"]) == EXPECTED
    assert set(EXPECTED) == set(telemetry.METRICS)


def test_a_snapshot_has_no_lag(capsys):
    emf = emitted(capsys, result(outcome("users")))
    assert set(telemetry.METRICS) - set(values(emf["users"])) == {"CursorLagDays"}


def test_a_run_of_some_tables_does_not_hide_that_another_one_lags(capsys):
    late = replace(result(loaded(), outcome("users")), idle_lag=5)
    assert values(emitted(capsys, late)["all"])["CursorLagDays"] == 5


def test_totals_are_sums_but_the_lag_is_the_largest(capsys):
    late = outcome("claude_code_usage", "2026-11-11", status=Status.FAILED, meter=Meter(3, 1, 0.5))
    found = values(emitted(capsys, result(loaded(), outcome("users"), late))["all"])
    changed = {"Requests": 10, "Retries": 3, "WaitSeconds": 2.0, "DurationSeconds": 90,
               "Failed": 1, "CursorLagDays": 10}  # fmt: skip
    assert found == EXPECTED | changed


@pytest.mark.parametrize(
    ("status", "metric"),
    [(Status.FORBIDDEN, "Forbidden"), (Status.FAILED, "Failed"), (Status.UNFINISHED, "Unfinished")],
)
def test_what_went_wrong_is_counted(capsys, status, metric):
    found = values(emitted(capsys, result(outcome("users", status=status)))["users"])
    assert found[metric] == 1
    assert sum(found[name] for name in ("Forbidden", "Failed", "Unfinished")) == 1


@pytest.mark.parametrize(
    ("cursor", "lag"), [("2026-11-21", 0), ("2026-11-20", 1), ("2026-11-22", 0), (None, 21)]
)
def test_the_lag_is_how_many_complete_days_the_cursor_is_behind_yesterday(capsys, cursor, lag):
    emf = emitted(capsys, result(outcome("cost_report", cursor)))
    assert values(emf["cost_report"])["CursorLagDays"] == lag


def test_a_busy_run_has_no_metrics(capsys):
    assert emitted(capsys, result(busy=True)) == {}


def test_a_run_that_could_not_begin_is_one_failure_of_all(capsys):
    telemetry.emit_failure("Space")
    assert values(by_table(capsys)["all"]) == {"Failed": 1}


def test_no_table_is_called_like_the_totals():
    assert telemetry.ALL_TABLES not in BY_NAME
