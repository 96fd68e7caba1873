"""What the alarms do with the reports of several organizations, as CloudWatch evaluates them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import pytest

from claude_admin_lake.catalog.monitoring import OPERATIONS_PAGE
from claude_admin_lake.metrics import METRICS

from .conftest import ROOT
from .intrinsics import Resolver

STATISTICS = {"Maximum": max, "Sum": sum, "SampleCount": len}
COMPARISONS = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
SILENCE = 26
DAILY = [24 * n for n in range(4)]


def state(alarm, reports, at, before="OK"):
    """The alarm's state in an hour, given what was reported in earlier hours: [(hour, value)]."""
    periods, threshold = int(alarm["EvaluationPeriods"]), float(alarm["Threshold"])
    breaches = missing = 0
    for hour in range(at - periods + 1, at + 1):
        values = [value for when, value in reports if when == hour]
        if values:
            value = STATISTICS[alarm["Statistic"]](values)
            breaches += COMPARISONS[alarm["ComparisonOperator"]](value, threshold)
        else:
            missing += 1
    if missing == periods and alarm["TreatMissingData"] == "ignore":
        return before
    filled = missing if alarm["TreatMissingData"] == "breaching" else 0
    return "ALARM" if breaches + filled >= int(alarm["DatapointsToAlarm"]) else "OK"


@pytest.fixture(scope="module")
def alarms(translated, of_type):
    resolver = Resolver(translated, MaxSilenceHours=SILENCE)
    return {n: resolver(a["Properties"]) for n, a in of_type("AWS::CloudWatch::Alarm").items()}


ON_PROBLEMS = ["StalenessAlarm", "ForbiddenAlarm", "GapsAlarm", "DriftAlarm", "DriftedAlarm"]
OWN = [alarm.name for metric in METRICS for alarm in metric.alarms]


def test_each_own_alarm_is_on_a_problem_or_on_silence():
    assert sorted(OWN) == sorted([*ON_PROBLEMS, "SilenceAlarm"])


@pytest.mark.parametrize("name", OWN)
def test_reports_are_counted_by_the_hour(alarms, name):
    assert alarms[name]["Period"] == 3600


@pytest.mark.parametrize("name", ON_PROBLEMS)
class TestProblems:
    def test_a_report_of_a_problem_rings_in_its_hour(self, alarms, name):
        assert state(alarms[name], [(5, 3)], at=5) == "ALARM"
        assert state(alarms[name], [(5, 0)], at=5) == "OK"

    def test_a_healthy_organization_does_not_end_the_alarm_of_another(self, alarms, name):
        reports = [(5, 3), (5, 0), (6, 0), (12, 0)]
        for hour in range(5, 5 + SILENCE):
            assert state(alarms[name], reports, hour) == "ALARM", hour

    def test_a_problem_that_each_daily_run_reports_rings_without_interruption(self, alarms, name):
        reports = [(day + late, 3) for day, late in zip(DAILY, (1, 0, 2, 1), strict=True)]
        reports += [(day + 1, 0) for day in DAILY]
        for hour in range(1, DAILY[-1]):
            assert state(alarms[name], reports, hour) == "ALARM", hour

    def test_it_ends_when_all_reports_of_the_last_hours_are_good(self, alarms, name):
        reports = [(0, 3), (24, 0)]
        assert state(alarms[name], reports, SILENCE - 1) == "ALARM"
        assert state(alarms[name], reports, SILENCE) == "OK"

    def test_without_reports_it_stays_as_it_is(self, alarms, name):
        for before in ("OK", "ALARM"):
            assert state(alarms[name], [(0, 3)], 3 * SILENCE, before) == before


def test_silence_rings_without_a_report_and_ends_with_any(alarms):
    alarm = alarms["SilenceAlarm"]
    assert state(alarm, [], at=0) == "ALARM"
    assert state(alarm, [(5, 0)], at=5) == "OK"
    assert state(alarm, [(5, 9)], 4 + SILENCE) == "OK"
    assert state(alarm, [(5, 9)], 5 + SILENCE) == "ALARM"


def test_no_line_of_the_generated_part_is_too_long():
    lines = (ROOT / "template.yaml").read_text().split("# --- Alarms and dashboard")[1].splitlines()
    end = next(n for n, line in enumerate(lines) if "End of alarms and dashboard" in line)
    assert max(map(len, lines[:end])) <= 160


def test_the_page_for_operators_names_every_metric_and_alarm(of_type):
    page = OPERATIONS_PAGE.read_text()
    for metric in METRICS:
        assert f"| `{metric.name}` |" in page
    for name in of_type("AWS::CloudWatch::Alarm"):
        assert f"| `{name}` |" in page
