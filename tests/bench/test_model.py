"""The model's arithmetic, and that it agrees with runs of two sizes."""

from pathlib import Path

import pytest

from bench import paper
from bench.checking import runs_of
from bench.model import daily_run, first_load, least_requests, organization, pages, size
from claude_admin_lake.settings import Settings


@pytest.mark.parametrize("numbers", [(3, 5, 80, 9), (60, 1100, 90, 3)])
def test_the_model_counts_what_runs_do(numbers: tuple[int, ...], tmp_path: Path) -> None:
    first, daily, stored = runs_of(*numbers, tmp_path)
    for tables, work in (first, daily):
        assert {name: one["requests"] for name, one in tables.items()} == work.requests
        assert sum(one["objects_written"] for one in tables.values()) + 1 == work.objects
    assert stored == pytest.approx(first[1].bytes, rel=0.15)


def test_every_table_is_modelled() -> None:
    one = organization(10)
    assert set(one) == set(Settings().tables)
    assert set(least_requests(one, dict.fromkeys(one, 1))) == set(one)


def test_a_page_more_begins_with_the_record_after_a_full_one() -> None:
    assert [pages(count) for count in (0, 1, 1000, 1001)] == [1, 1, 1, 2]


def test_what_costs_more_is_more() -> None:
    small, large = organization(10), organization(50_000)
    assert 0 < sum(paper.month(small).values()) < sum(paper.month(large).values())
    for work in (lambda one: first_load(one, 730), lambda one: daily_run(one, 730)):
        assert work(small).seconds < work(large).seconds
        assert sum(paper.run_costs(work(small))) < sum(paper.run_costs(work(large)))


def test_a_small_organization_costs_at_most_what_is_promised() -> None:
    assert sum(paper.month(organization(10)).values()) <= paper.MOST_DOLLARS == 1.80


def test_a_with_clause_used_twice_is_read_twice() -> None:
    keys, changes = paper.scans("cost_by_api_key"), paper.scans("cost_changes")
    assert keys["cost_report"] == 2
    assert changes["cost_report"] % keys["cost_report"] == 0
    assert changes["cost_report"] >= 2 * keys["cost_report"]


def test_a_bound_on_a_views_day_reaches_the_dated_tables_only() -> None:
    one = organization(1_000)
    bounded, everything = (paper.scanned("cost_daily", one, days) for days in (30, 730))
    assert everything - bounded == 700 * size(one, "cost_report")
