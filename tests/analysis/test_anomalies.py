"""Anomalies of costs: few false alarms, and planted ones are found."""

from datetime import date, timedelta
from math import exp
from pathlib import Path
from random import Random

import pytest

from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.lake import FolderLake
from hand_made import TODAY, HandMade, cost

SERIES, DAYS = 200, 150
PLANTED = TODAY - timedelta(days=9)
ANOMALIES = (4.0, 10.0, 0.2)
"""What the costs of a day are multiplied by; every fourth series has none."""
Point = tuple[date, str, float]


def random_costs(random: Random) -> list[float]:
    """Dollars a day: a size, a rhythm of the week, growth, and noise."""
    size, growth = exp(random.uniform(3, 8)), random.uniform(-0.006, 0.012)
    weekend, noise = random.uniform(0.1, 1), random.uniform(0.05, 0.25)
    start = TODAY - timedelta(days=DAYS)
    return [
        size
        * exp(growth * n + random.gauss(0, noise))
        * (weekend if (start + timedelta(days=n)).weekday() > 4 else 1)
        for n in range(DAYS)
    ]


def plain() -> list[list[float]]:
    return [random_costs(Random(seed)) for seed in range(SERIES)]


def planted() -> list[list[float]]:
    found = plain()
    for at, series in enumerate(found):
        if at % 4 < len(ANOMALIES):
            series[(PLANTED - TODAY).days] *= ANOMALIES[at % 4]
    return found


def anomalies(folder: Path, series: list[list[float]]) -> set[tuple[date, str]]:
    """Every series is a workspace: what is judged does not depend on the others."""
    fill(HandMade(folder), series)
    found = Engine(FolderLake(folder), TODAY).query("SELECT day, workspace_id FROM cost_anomalies")
    return {(row[0], row[1]) for row in found.rows}


def fill(lake: HandMade, series: list[list[float]]) -> None:
    for n in range(DAYS):
        day = TODAY - timedelta(days=DAYS - n)
        lake.day("cost_report", str(day), [
            cost(f"{values[n] * 100:.4f}", workspace_id=f"w{at:03}")
            for at, values in enumerate(series)
        ])  # fmt: skip


@pytest.fixture(scope="module")
def false_alarms(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[date, str]]:
    return anomalies(tmp_path_factory.mktemp("plain"), plain())


def test_two_hundred_series_without_anomalies_give_few_alarms(false_alarms):
    judged_days = SERIES * (DAYS - 7 - 28 - 28)
    assert len(false_alarms) / judged_days < 0.001


def test_planted_anomalies_are_found(tmp_path, false_alarms):
    found = anomalies(tmp_path, planted())
    wanted = {(PLANTED, f"w{at:03}") for at in range(SERIES) if at % 4 < len(ANOMALIES)}
    assert len(found & wanted) / len(wanted) > 0.9
    assert len(found - wanted - false_alarms) < 5


def test_long_series_of_two_organizations_stay_apart(tmp_path):
    for name, some in (("production", planted()[:3]), ("research", planted()[4:7])):
        fill(HandMade(tmp_path, name), some)
    for view in ("cost_anomalies", "cost_changes"):
        sql = f"SELECT * FROM {view}"
        parts = [
            Engine(FolderLake(tmp_path, name), TODAY).query(sql).rows
            for name in ("production", "research")
        ]
        both = Engine(FolderLake(tmp_path), TODAY).query(sql).rows
        assert all(parts)
        assert sorted(map(str, both)) == sorted(str(row) for part in parts for row in part)
