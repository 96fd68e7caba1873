from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.lake.keys import dated_key, day_of, load_run_key, snapshot_keys

from .fakes import BY_NAME, DATED, day, names

COST, USERS = BY_NAME["cost_report"], BY_NAME["users"]
DAY = day("2026-11-05")


def test_a_day_lies_under_its_date():
    assert dated_key(COST, DAY) == "cost_report/date=2026-11-05/cost_report.jsonl.gz"


def test_a_snapshot_is_kept_by_day_before_it_becomes_the_current_one():
    assert snapshot_keys(USERS, DAY) == (
        "users_history/snapshot_date=2026-11-05/users.jsonl.gz",
        "users/users.jsonl.gz",
    )


def test_a_run_s_report_lies_under_its_date_and_name():
    assert load_run_key(DAY, "r-1") == "load_runs/date=2026-11-05/r-1.jsonl.gz"


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
@given(st.dates(date(2023, 1, 1), date(2099, 12, 31)))
def test_a_key_tells_its_day_and_only_its_own_table_s(table, one):
    key = dated_key(table, one)
    assert day_of(table, key) == one
    assert [other.name for other in DATED if day_of(other, key)] == [table.name]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "cost_report/cost_report.jsonl.gz",
        "cost_report/date=2026-11-05/",
        "cost_report/date=2026-11-05/other.jsonl.gz",
        "cost_report/date=2026-11-05/cost_report.jsonl.gz.tmp",
        "cost_report/date=2026-11-05/deeper/cost_report.jsonl.gz",
        "elsewhere/cost_report/date=2026-11-05/cost_report.jsonl.gz",
        "usage_report/date=2026-11-05/cost_report.jsonl.gz",
        "cost_report/date=2026-1-5/cost_report.jsonl.gz",
        "cost_report/date=20261105/cost_report.jsonl.gz",
        "cost_report/date=2026-02-30/cost_report.jsonl.gz",
        "cost_report/date=2026-13-01/anything",
        "cost_report/date=٢٠٢٦-11-05/cost_report.jsonl.gz",
    ],
)
def test_what_is_no_object_of_the_table_has_no_day(key):
    assert day_of(COST, key) is None
