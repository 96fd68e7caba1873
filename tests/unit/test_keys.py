from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.lake.keys import Keys, in_old_layout

from .fakes import BY_NAME, DATED, day, names

COST, USERS = BY_NAME["cost_report"], BY_NAME["users"]
DAY = day("2026-11-05")
KEYS = Keys("research")


def test_a_day_lies_under_its_date():
    assert (
        KEYS.dated(COST, DAY)
        == "cost_report/organization=research/date=2026-11-05/cost_report.jsonl.gz"
    )


def test_a_snapshot_is_kept_by_day_before_it_becomes_the_current_one():
    assert KEYS.snapshot(USERS, DAY) == (
        "users_history/organization=research/snapshot_date=2026-11-05/users.jsonl.gz",
        "users/organization=research/users.jsonl.gz",
    )


def test_a_run_s_report_lies_under_its_date_and_name():
    assert (
        KEYS.load_run(DAY, "r-1") == "load_runs/organization=research/date=2026-11-05/r-1.jsonl.gz"
    )


@pytest.mark.parametrize("table", DATED, ids=names(DATED))
@given(st.dates(date(2023, 1, 1), date(2099, 12, 31)))
def test_a_key_tells_its_day_and_only_its_own_table_s(table, one):
    key = KEYS.dated(table, one)
    assert KEYS.day_of(table, key) == one
    assert [other.name for other in DATED if KEYS.day_of(other, key)] == [table.name]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "cost_report/cost_report.jsonl.gz",
        "cost_report/date=2026-11-05/cost_report.jsonl.gz",
        "cost_report/organization=other/date=2026-11-05/cost_report.jsonl.gz",
        "cost_report/organization=research/date=2026-11-05/",
        "cost_report/organization=research/date=2026-11-05/other.jsonl.gz",
        "cost_report/organization=research/date=2026-11-05/cost_report.jsonl.gz.tmp",
        "cost_report/organization=research/date=2026-11-05/deeper/cost_report.jsonl.gz",
        "elsewhere/cost_report/organization=research/date=2026-11-05/cost_report.jsonl.gz",
        "usage_report/organization=research/date=2026-11-05/cost_report.jsonl.gz",
        "cost_report/organization=research/date=2026-1-5/cost_report.jsonl.gz",
        "cost_report/organization=research/date=20261105/cost_report.jsonl.gz",
        "cost_report/organization=research/date=2026-02-30/cost_report.jsonl.gz",
        "cost_report/organization=research/date=2026-13-01/anything",
        "cost_report/organization=research/date=٢٠٢٦-11-05/cost_report.jsonl.gz",
    ],
)
def test_what_is_no_object_of_the_table_has_no_day(key):
    assert KEYS.day_of(COST, key) is None


@pytest.mark.parametrize(
    ("key", "owned"),
    [
        (KEYS.dated(COST, DAY), True),
        (KEYS.snapshot(USERS, DAY)[0], True),
        (KEYS.snapshot(USERS, DAY)[1], True),
        (KEYS.load_run(DAY, "r-1"), True),
        (Keys("other").dated(COST, DAY), False),
        (Keys("research-2").dated(COST, DAY), False),
        ("elsewhere/organization=research/users.jsonl.gz", False),
        ("users/users.jsonl.gz", False),
    ],
)
def test_an_organization_owns_its_own_objects_only(key, owned):
    assert KEYS.owns(key) is owned


def below(*keys):
    """The names directly below a path, as a lake with these keys lists them."""
    return lambda path: {
        key.removeprefix(path).partition("/")[0] for key in keys if key.startswith(path)
    }


@pytest.mark.parametrize(
    "key",
    [
        "cost_report/date=2026-11-05/cost_report.jsonl.gz",
        "users/users.jsonl.gz",
        "users_history/snapshot_date=2026-11-05/users.jsonl.gz",
        "load_runs/date=2026-11-05/r-1.jsonl.gz",
    ],
)
def test_a_lake_of_version_1_is_known_by_any_of_its_objects(key):
    found = in_old_layout(below(KEYS.dated(COST, DAY), key))
    assert found == "/".join(key.split("/")[:2])


def test_what_is_no_table_of_ours_is_no_lake_of_version_1():
    keys = KEYS.dated(COST, DAY), "notes/date=2026-11-05/x", "users/readme.txt"
    assert in_old_layout(below(*keys)) is None
