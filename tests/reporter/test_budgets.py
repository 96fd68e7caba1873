"""Budgets in digest and alerts: what they say, when, and how seldom they are wrong."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import exp, log
from random import Random

import pytest

from claude_admin_lake.reporter.alerts import alerts, unsent
from claude_admin_lake.reporter.digest import digest_of
from claude_admin_lake.reporter.facts import Facts, Outlook
from claude_admin_lake.reporter.kinds import Thresholds
from tests.analysis.test_budget_status import MONTHS, expected, month_end, ordinary_month, truth

NOVEMBER = date(2026, 11, 1)
WHOLE = Outlook(
    scope="organization", identity="", name="main", month=NOVEMBER, actual=Decimal("880.50"),
    budget=Decimal(1000), forecast=Decimal("1300.25"), low=Decimal("1100.10"),
    high=Decimal(1500), days_left=11,
)  # fmt: skip
SEARCH = replace(WHOLE, scope="workspace", identity="w1", name="Search", actual=Decimal(1200))
ADA = replace(WHOLE, scope="person", identity="ada@example.com", name="ada@example.com")


def facts(*outlooks):
    return Facts(organization="main", day=date(2026, 11, 19), outlooks=outlooks)


def keys(*outlooks, **thresholds):
    return [
        one.key for one in alerts(facts(*outlooks), Thresholds(**thresholds), names_people=False)
    ]


def test_a_crossed_budget_and_one_about_to_be_are_told_with_what_to_do():
    about_to, crossed = alerts(facts(WHOLE, SEARCH), Thresholds(), names_people=False)
    assert about_to.key == "budget-forecast/organization//2026-11"
    assert about_to.title == "The organization is on course to exceed a budget of $1,000.00"
    assert about_to.detail == (
        "$880.50 is used, and November is expected to cost $1,300.25, at least $1,100.10."
    )
    assert about_to.action.endswith("comes from while there is time: 11 days are left.")
    assert crossed.key == "budget/workspace/w1/2026-11"
    assert crossed.title == "Workspace Search has used $1,200.00 of a budget of $1,000.00"
    assert crossed.detail == (
        "That is 120%, with 11 days left in November; $1,300.25 is expected by its end."
    )
    assert "raise the budget" in crossed.action


@pytest.mark.parametrize(
    ("one", "thresholds", "found"),
    [
        (replace(WHOLE, low=Decimal(1000)), {}, []),
        (replace(WHOLE, low=Decimal("1000.01")), {}, ["budget-forecast"]),
        (replace(WHOLE, low=None, high=None, forecast=None), {}, []),
        (replace(WHOLE, budget=None), {}, []),
        (replace(WHOLE, actual=Decimal(1000), low=Decimal(1000)), {}, []),
        (replace(WHOLE, actual=Decimal("1000.01")), {}, ["budget"]),
        (WHOLE, {"expected": 1.2}, []),
        (WHOLE, {"used": 0.8}, ["budget"]),
    ],
)
def test_a_threshold_is_a_share_of_the_budget(one, thresholds, found):
    assert [key.partition("/")[0] for key in keys(one, **thresholds)] == found


def test_each_is_told_once_a_month_and_crossing_it_after_the_forecast():
    told = keys(WHOLE)
    assert unsent(alerts(facts(WHOLE), Thresholds(), names_people=False), told) == []
    (crossed,) = keys(replace(WHOLE, actual=Decimal(1001)))
    assert crossed not in told
    assert keys(replace(WHOLE, month=date(2026, 12, 1))) != told


def test_people_are_named_only_if_wanted_and_never_in_the_digests_list():
    texts = [digest_of(facts(ADA), alerts(facts(ADA), Thresholds(), names_people=False), ()).text]
    texts += [
        one.title + one.detail for one in alerts(facts(ADA), Thresholds(), names_people=False)
    ]
    assert not [text for text in texts if "ada" in text]
    (named,) = alerts(facts(ADA), Thresholds(), names_people=True)
    assert named.title == "ada@example.com is on course to exceed a budget of $1,000.00"


def test_the_digest_has_the_forecast_and_the_budgets_that_are_tight():
    calm = replace(SEARCH, name="Calm", actual=Decimal(1), high=Decimal(5))
    told = digest_of(facts(WHOLE, SEARCH, calm), (), ())
    assert (
        "November is expected to cost $1,300.25, between $1,100.10\n"
        "and $1,500.00. 88% of the budget of $1,000.00 is used.\n\n"
        "Budgets:\n"
        "- Search: $1,200.00 of $1,000.00 used, $1,300.25 expected.\n"
    ) in told.text
    assert "Calm" not in told.text


def test_the_digest_tells_each_budget_once():
    calm = replace(SEARCH, actual=Decimal(850), high=Decimal(900), low=Decimal(900))
    found = alerts(facts(WHOLE, calm, ADA), Thresholds(used=0.8), names_people=False)
    text = digest_of(facts(WHOLE, calm, ADA), found, ()).text
    assert len(found) == 3
    assert "- Search: $850.00 of $1,000.00 used" in text
    assert "Unusual:\n- A person has used $880.50 of a budget of $1,000.00.\n\n" in text


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (replace(WHOLE, budget=None, low=None), "November is expected to cost $1,300.25.\n"),
        (replace(WHOLE, forecast=None, low=None), "88% of the budget of $1,000.00 is used.\n"),
        (replace(WHOLE, days_left=0), "88% of the budget of $1,000.00 is used.\n"),
    ],
)
def test_the_digest_says_only_what_is_known(one, text):
    (paragraph,) = [
        part for part in digest_of(facts(one), (), ()).text.split("\n\n") if "19" not in part
    ][:1]
    assert f"{paragraph}\n" == text


def mornings(seed):
    """A month every other day, with a budget that may be too small."""
    costs = {day: Decimal(f"{usd:.6f}") for day, usd in ordinary_month(Random(seed)).items()}
    chance, end = Random(10_000 + seed), truth(ordinary_month(Random(seed)))
    limit = Decimal(f"{end * exp(chance.uniform(log(0.7), log(1.4))):.2f}")
    for through in [day for day in costs if day.month == 10][::2]:
        actual = sum(
            (usd for day, usd in costs.items() if day.month == 10 and day <= through), Decimal(0)
        )
        left = (month_end(through) - through).days
        rest, low, high = map(Decimal, expected(costs, through) or ())
        yield replace(
            WHOLE, month=date(2026, 10, 1), actual=actual, budget=limit, days_left=left,
            forecast=actual + rest, low=actual + low, high=actual + high,
        )  # fmt: skip


def test_a_budget_that_will_be_kept_is_hardly_ever_told_to_be_in_danger():
    """docs/reports.md has the numbers."""
    kept = warned_for_nothing = crossed = warned_in_time = 0
    for seed in range(MONTHS):
        told = [key.partition("/")[0] for one in mornings(seed) for key in keys(one)]
        is_crossed = "budget" in told
        is_warned = told[:1] == ["budget-forecast"]
        crossed, kept = crossed + is_crossed, kept + (not is_crossed)
        warned_in_time += is_crossed and is_warned
        warned_for_nothing += is_warned and not is_crossed
    assert (kept, warned_for_nothing, crossed, warned_in_time) == (84, 1, 116, 111)
