"""Budgets against costs and forecasts: exact, like an independent computation, and honest."""

import json
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from statistics import mean, variance

import pytest

from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.lake import FolderLake
from hand_made import TODAY, HandMade, analytics_cost, api_key, cost, usage, user, workspace

CENT = Decimal("0.01")
STUDENT = {3: 3.078, 4: 1.886, 5: 1.638, 6: 1.533, 7: 1.476, 8: 1.440}
"""Quantiles for 80 %, two-sided, by the number of weeks: two more than degrees of freedom."""
SQL = "SELECT * FROM budget_status ORDER BY organization, scope, id"


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def budget(scope: str, identity: str | None, amount: str, **more: object) -> dict[str, object]:
    row = {"organization": "main", "scope": scope, "id": identity, "amount_usd": amount}
    return {**row, "start_month": None, "end_month": None, **more}


def set_budgets(folder: Path, *budgets: dict[str, object]) -> None:
    text = "".join(json.dumps(one) + "\n" for one in budgets)
    HandMade(folder).raw("budgets/budgets.jsonl", text.encode())


def month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def expected(costs: dict[date, Decimal], through: date) -> tuple[float, float, float] | None:
    """Forecast, low and high of the days that are left of the month, from the description."""
    spent = [day for day, value in costs.items() if value and day <= through]
    left = (month_end(through) - through).days
    count = min(8, ((through - min(spent)).days + 1) // 7) if spent else 0
    if count < 3:
        return None
    days = [float(costs.get(through - timedelta(days=n), 0)) for n in range(7 * count)]
    usual, weeks = sum(days) / count, [sum(days[7 * n : 7 * n + 7]) for n in range(count)]
    if usual <= 0 or weeks[0] + weeks[1] <= 0:
        return None
    sizes = [log(max(one, 0) + usual / 20) for one in weeks]
    changes = [new - old for new, old in pairwise(sizes)]
    growth, spread = mean(changes), variance(changes)
    certain = growth**2 / (growth**2 + spread / len(changes)) if growth else 0
    growth = max(-0.25, min(0.25, growth * certain))
    rest = 0.0
    for n in range(1, left + 1):
        same_weekdays = [days[at] for at in range(len(days)) if (at + n) % 7 == 0]
        rest += (
            mean(same_weekdays)
            / (usual / 7)
            * (weeks[0] + weeks[1])
            / 14
            * exp(growth * (n + 6.5) / 7)
        )
    rest = max(rest, 0)
    width = STUDENT[count] * sqrt(spread * ((left + 14) / 28 + 3.5 / left)) if left else 0
    return rest, rest * exp(-width), rest * exp(width)


def some_costs(random: Random, days: int) -> dict[date, Decimal]:
    """Costs by day, down to fractions of a cent; some days have none, a few are credits."""
    size, weekend = exp(random.uniform(0, 7)), random.uniform(0.1, 1)
    growth, noise = random.uniform(-0.01, 0.02), random.uniform(0.02, 0.4)
    found = {}
    for n in range(1, days + 1):
        rhythm = weekend if ago(n).weekday() > 4 else 1
        value = size * rhythm * exp(-growth * n + random.gauss(0, noise))
        if random.random() > 0.1:
            found[ago(n)] = Decimal(f"{value * random.choice([1] * 20 + [-1]):.6f}")
    return found


def close(found: Decimal | None, wanted: float | None) -> bool:
    """Equal to the cent, but for a sum that is a rounding apart."""
    if found is None or wanted is None:
        return found is wanted
    return abs(float(found) - wanted) <= 0.011 + 1e-9 * abs(wanted)


def place(name: str) -> dict[str, object]:
    return {"workspace_id": None if name == "default" else name, "model": f"m-{name}"}


@pytest.mark.parametrize("seed", range(4))
def test_every_scope_is_what_an_independent_computation_says(hand: HandMade, oracle, seed):
    random = Random(seed)
    spaces = {f"w{n}": some_costs(random, random.choice([5, 20, 30, 80, 120])) for n in range(4)}
    spaces["default"] = some_costs(random, 90)
    by_day: defaultdict[date, list[tuple[str, Decimal]]] = defaultdict(list)
    for name, costs in spaces.items():
        for day, usd in costs.items():
            by_day[day].append((name, usd))
    for day, rows in by_day.items():
        hand.day("cost_report", str(day), [
            cost(f"{usd * 100:f}", **place(name)) for name, usd in rows
        ])  # fmt: skip
        hand.day("usage_report", str(day), [
            usage(1, f"key-{name}", **place(name)) for name, _ in rows
        ])  # fmt: skip
        hand.day("analytics_cost_by_actor", str(day), [
            analytics_cost(f"{usd * 100:f}", actor={"type": "user_actor", "user_id": f"user_{name}",
                           "email_address": f"{name.title()}@Example.com"}) for name, usd in rows
        ])  # fmt: skip
    amounts = {name: Decimal(random.randrange(1, 10**6)) / 100 for name in spaces}
    set_budgets(hand.folder, *(
        budget(scope, form.format(name), str(amounts[name]))
        for name in spaces for scope, form in {
            "workspace": "{}", "model": "m-{}", "api_key": "key-{}",
        }.items()
    ), *(budget("person", f"{name.upper()}@example.com", str(amounts[name])) for name in spaces),
        *(budget("person", f"user_{name}", str(amounts[name])) for name in spaces),
        budget("organization", None, "1234.56"))  # fmt: skip
    total: defaultdict[date, Decimal] = defaultdict(Decimal)
    for costs in spaces.values():
        for day, usd in costs.items():
            total[day] += usd
    athena = oracle.query(SQL)
    found = Engine(FolderLake(hand.folder), TODAY).query(SQL).records()
    assert [tuple(row.values()) for row in found] == athena.fetchall()
    assert len(found) == 5 * len(spaces) + 1
    through = max(total)
    for row in found:
        name = re.sub("^(m-|key-|user_)|@.*", "", row["id"] or "").lower()
        check(row, spaces[name] if row["id"] else total, through)
        assert row["budget_usd"] == (amounts[name] if row["id"] else Decimal("1234.56"))


def check(row, costs: dict[date, Decimal], through: date) -> None:
    first = through.replace(day=1)
    actual = sum((usd for day, usd in costs.items() if first <= day <= through), Decimal(0))
    assert (row["month"], row["through_day"]) == (first, through)
    assert row["days_left"] == (month_end(through) - through).days
    assert row["actual_usd"] == actual
    since = (TODAY - timedelta(days=57)).replace(day=1)
    rest = expected({day: usd for day, usd in costs.items() if day >= since}, through)
    assert close(row["forecast_usd"], None if rest is None else float(actual) + rest[0]), row
    if row["reason"] is None:
        assert rest
        assert close(row["forecast_low_usd"], float(actual) + rest[1])
        assert close(row["forecast_high_usd"], float(actual) + rest[2])
        assert actual <= row["forecast_low_usd"] + CENT
    else:
        assert row["forecast_low_usd"] is row["forecast_high_usd"] is None
        assert (rest is None) == (row["reason"] != "past weeks differ too much for an interval")


def fill(folder: Path, costs: dict[date, object], **columns: object) -> Path:
    hand = HandMade(folder)
    for day, usd in costs.items():
        hand.day("cost_report", str(day), [cost(f"{Decimal(str(usd)) * 100:f}", **columns)])
    return folder


def steady(days: int, usd: object = 10) -> dict[date, object]:
    return {ago(n): usd for n in range(1, days + 1)}


def status(folder: Path, today: date = TODAY):
    return Engine(FolderLake(folder), today).query(SQL).records()


def test_without_a_budget_the_organization_has_its_forecast(tmp_path):
    (row,) = status(fill(tmp_path, steady(60)))
    assert (row["budget_usd"], row["used_share"], row["status"]) == (None, None, "no budget")
    assert (row["actual_usd"], row["forecast_usd"], row["reason"]) == (190, 300, None)
    assert (row["forecast_low_usd"], row["forecast_high_usd"]) == (300, 300)


@pytest.mark.parametrize(
    ("costs", "reason"),
    [
        (steady(20), "less than three weeks of costs"),
        ({ago(40): 5} | {ago(n): 0 for n in range(1, 20)}, "no costs in the last two weeks"),
        (steady(12, 0), "no costs in the last two weeks"),
        (steady(12, 9000) | {ago(n): 1 for n in range(13, 40)},
         "past weeks differ too much for an interval"),
    ],
)  # fmt: skip
def test_a_forecast_that_cannot_be_made_says_why(tmp_path, costs, reason):
    (row,) = status(fill(tmp_path, costs))
    assert row["reason"] == reason
    assert row["forecast_low_usd"] is row["forecast_high_usd"] is None
    assert row["actual_usd"] == sum(usd for day, usd in costs.items() if day.month == 11)


def test_a_month_that_is_over_is_what_it_was(tmp_path):
    fill(tmp_path, {date(2026, 10, n): n for n in range(1, 32)})
    set_budgets(tmp_path, budget("organization", None, "496"))
    (row,) = status(tmp_path, date(2026, 11, 1))
    assert (row["month"], row["days_left"], row["reason"]) == (date(2026, 10, 1), 0, None)
    sums = [row[f"{one}_usd"] for one in ("actual", "forecast", "forecast_low", "forecast_high")]
    assert sums == [496] * 4
    assert row["status"] == "kept"


def test_days_without_costs_are_known_up_to_the_cursor_and_none_after_today(tmp_path):
    fill(tmp_path, {ago(n): 10 for n in range(3, 60)} | {TODAY: 500})
    HandMade(tmp_path).run(str(TODAY), "cost_report", cursor_after=str(ago(1)))
    HandMade(tmp_path).run(str(ago(-1)), "cost_report", cursor_after=str(TODAY))
    (row,) = status(tmp_path)
    assert (row["through_day"], row["actual_usd"]) == (ago(1), 170)


def test_budgets_hold_for_their_months_only(tmp_path):
    fill(tmp_path, steady(60), workspace_id="w1")
    set_budgets(
        tmp_path,
        budget("workspace", "w1", "9", end_month="2026-10"),
        budget("workspace", "w1", "2", start_month="2026-11", end_month="2026-11"),
        budget("workspace", "w1", "8", start_month="2026-12"),
        budget("organization", None, "3", start_month="2026-12"),
    )
    rows = status(tmp_path)
    assert [(one["scope"], one["budget_usd"]) for one in rows] == [
        ("organization", None), ("workspace", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "more", "said"),
    [
        ("actual_usd", "-0.01", "over"),
        ("actual_usd", "0", "over by forecast"),
        ("forecast_usd", "-0.01", "over by forecast"),
        ("forecast_usd", "0", "at risk"),
        ("forecast_high_usd", "-0.01", "at risk"),
        ("forecast_high_usd", "0", "on track"),
    ],
)
def test_a_status_compares_costs_and_forecast_with_the_budget(tmp_path, column, more, said):
    fill(tmp_path, {ago(n): 10 + 5 * (n // 7 % 2) for n in range(1, 60)})
    (before,) = status(tmp_path)
    assert before["actual_usd"] < before["forecast_low_usd"] < before["forecast_usd"]
    set_budgets(tmp_path, budget("organization", None, str(before[column] + Decimal(more))))
    (row,) = status(tmp_path)
    assert (row["status"], row["forecast_usd"]) == (said, before["forecast_usd"])


def test_a_thing_without_costs_or_data_has_its_row(tmp_path):
    fill(tmp_path, steady(60))
    set_budgets(
        tmp_path, budget("workspace", "w9", "5"), budget("person", "x@example.com", "5"),
        budget("organization", None, "5", organization="new"),
    )  # fmt: skip
    rows = {(one["organization"], one["scope"]): one for one in status(tmp_path)}
    workspaces, people = rows["main", "workspace"], rows["main", "person"]
    assert (workspaces["actual_usd"], workspaces["status"]) == (0, "no forecast")
    assert (workspaces["name"], workspaces["used_share"]) == ("w9", 0)
    assert (people["actual_usd"], people["reason"]) == (None, "nothing is loaded")
    assert rows["new", "organization"]["reason"] == "nothing is loaded"


def test_names_are_the_current_ones(tmp_path):
    hand = HandMade(tmp_path)
    fill(tmp_path, steady(3), workspace_id="w1")
    hand.snapshot("users", str(ago(1)), [user("ada")])
    hand.snapshot("workspaces", str(ago(1)), [workspace("Search", id="w1")])
    hand.snapshot("api_keys", str(ago(1)), [api_key("k1")])
    wanted = {"workspace": "w1", "api_key": "k1", "person": "Ada@example.com", "model": "m"}
    set_budgets(tmp_path, *(budget(scope, one, "1") for scope, one in wanted.items()))
    names = {one["scope"]: one["name"] for one in status(tmp_path)}
    assert names == {
        "organization": "main", "workspace": "Search", "api_key": "name of k1",
        "person": "Ada@example.com", "model": "m",
    }  # fmt: skip


def test_organizations_do_not_mix(tmp_path):
    for name, usd in (("main", "100"), ("research", "900")):
        for n in range(1, 40):
            HandMade(tmp_path, name).day("cost_report", str(ago(n)), [cost(usd, workspace_id="w")])
    set_budgets(
        tmp_path,
        *(budget("workspace", "w", "50", organization=one) for one in ("main", "research")),
    )
    rows = status(tmp_path)
    assert [(one["organization"], one["actual_usd"]) for one in rows] == [
        ("main", 19), ("main", 19), ("research", 171), ("research", 171),
    ]  # fmt: skip
    alone = Engine(FolderLake(tmp_path, "research"), TODAY).query(SQL).records()
    assert alone == rows[2:]


def interval(folder: Path, today: date) -> float:
    (row,) = status(folder, today)
    return float(row["forecast_high_usd"] - row["forecast_low_usd"])


def test_the_interval_widens_with_the_days_left_and_with_the_noise(tmp_path):
    for name, share in (("calm", 0.02), ("noisy", 0.2)):
        random = Random(1)
        fill(
            tmp_path / name,
            {ago(n): f"{10 * exp(random.gauss(0, share)):.4f}" for n in range(1, 100)},
        )
    days = [date(2026, 11, day) for day in (4, 10, 16, 20)]
    calm = [interval(tmp_path / "calm", day) for day in days]
    noisy = [interval(tmp_path / "noisy", day) for day in days]
    assert calm[0] > calm[-1]
    assert noisy[0] > noisy[-1]
    assert all(more > 3 * less for more, less in zip(noisy, calm, strict=True))


MONTHS, FIRST, LAST = 200, date(2026, 8, 5), date(2026, 10, 31)
MORNINGS = [date(2026, 10, day) for day in (4, 10, 16, 22, 28)]
Months = list[dict[date, float]]


def ordinary_month(random: Random) -> dict[date, float]:
    """Costs that grow or shrink, have a rhythm of the week and noise; half of them wander too."""
    size, growth = exp(random.uniform(3, 8)), random.uniform(-0.006, 0.012)
    weekend, noise = random.uniform(0.1, 1), random.uniform(0.05, 0.35)
    wander = random.choice([0, random.uniform(0, 0.05)])
    level, found = 0.0, {}
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        level += growth + random.gauss(0, wander)
        rhythm = weekend if day.weekday() > 4 else 1
        found[day] = size * rhythm * exp(level + random.gauss(0, noise))
    return found


def forecasts(folder: Path, months: Months, today: date) -> list[tuple[float, float, float]]:
    """Low, forecast and high of each month on a morning; every one is a workspace."""
    names = [f"w{n:03}" for n in range(len(months))]
    if not folder.exists():
        for day in months[0]:
            HandMade(folder).day("cost_report", str(day), [
                cost(f"{costs[day] * 100:.4f}", workspace_id=name)
                for name, costs in zip(names, months, strict=True)
            ])  # fmt: skip
        set_budgets(folder, *(budget("workspace", name, "1") for name in names))
    found = Engine(FolderLake(folder), today).query(
        "SELECT forecast_low_usd, forecast_usd, forecast_high_usd FROM budget_status "
        "WHERE scope = 'workspace' ORDER BY id"
    )
    return [tuple(map(float, row)) for row in found.rows]


def truth(costs: dict[date, float]) -> float:
    return sum(usd for day, usd in costs.items() if day.month == LAST.month)


def test_four_of_five_months_end_within_the_interval(tmp_path):
    """docs/queries.md has the numbers."""
    months = [ordinary_month(Random(seed)) for seed in range(MONTHS)]
    ends = [truth(costs) for costs in months]
    inside, errors = [], []
    for today in MORNINGS:
        found = forecasts(tmp_path / "lake", months, today)
        inside.append(
            sum(low <= end <= high for (low, _, high), end in zip(found, ends, strict=True))
        )
        errors.append(mean(abs(one[1] / end - 1) for one, end in zip(found, ends, strict=True)))
    assert [round(100 * one / MONTHS) for one in inside] == [85, 84, 86, 86, 80]
    assert [round(100 * one) for one in errors] == [9, 7, 5, 3, 2]
