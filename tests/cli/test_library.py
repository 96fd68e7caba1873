"""The Python library: `load` and `rows`."""

import gzip
import json
import os
from datetime import timedelta
from decimal import Decimal

import pytest

import claude_admin_lake
from admin_double import KEY, faults
from claude_admin_lake.errors import LoaderError

from .conftest import FIRST


def stored_in(file):
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]


def test_load_fills_a_folder_and_says_what_happened(environment, tmp_path):
    result = claude_admin_lake.load(
        tmp_path, key=KEY, tables=["users", "cost_report"], start_date=FIRST, end_date=FIRST,
        environment=environment,
    )  # fmt: skip
    assert result["status"] == "complete"
    assert result["tables"]["cost_report"]["objects_written"] == 1
    assert (
        tmp_path / "cost_report" / "organization=main" / f"date={FIRST}" / "cost_report.jsonl.gz"
    ).exists()


def test_load_takes_key_and_settings_from_the_environment(environment, tmp_path):
    assert claude_admin_lake.load(tmp_path, tables=["users"])["status"] == "complete"
    with pytest.raises(LoaderError, match="ANTHROPIC_ADMIN_KEY"):
        claude_admin_lake.load(tmp_path, tables=["users"], key="")


def test_rows_are_what_the_lake_stores(environment, tmp_path):
    claude_admin_lake.load(tmp_path, tables=["users", "cost_report"])
    files = sorted((tmp_path / "cost_report").rglob("*.gz"))
    stored = [one for file in files for one in stored_in(file)]
    found = list(claude_admin_lake.rows("cost_report"))
    assert [one["amount"] for one in stored] == [str(one["amount"]) for one in found]
    days = [str(FIRST + timedelta(days=n)) for n in range(4)]
    assert sorted({one["date"] for one in found}) == days
    users = list(claude_admin_lake.rows("users"))
    assert users == stored_in(tmp_path / "users" / "organization=main" / "users.jsonl.gz")


def test_rows_do_not_depend_on_where_a_lake_would_be(environment):
    expected = list(claude_admin_lake.rows("users"))
    settings = dict(os.environ, LAKE_PREFIX="lake/")
    assert list(claude_admin_lake.rows("users", environment=settings)) == expected


def test_rows_are_of_one_table_of_one_organization(environment):
    settings = dict(os.environ, ORGANIZATIONS="a,b")
    with pytest.raises(LoaderError, match="organization is None; must be one of a, b"):
        next(claude_admin_lake.rows("users", environment=settings))
    with pytest.raises(LoaderError, match="table is 'standard'; must be one of organization"):
        next(claude_admin_lake.rows("standard"))


def test_one_table_may_be_given_as_text(environment, tmp_path):
    assert [*claude_admin_lake.load(tmp_path, tables="users")["tables"]] == ["users"]


def test_rows_keep_money_exact(environment):
    found = list(claude_admin_lake.rows("cost_report", start_date=FIRST, end_date=FIRST))
    assert found
    assert all(isinstance(one["amount_usd"], Decimal) for one in found)
    assert all(one["amount_usd"] * 100 == Decimal(one["amount"]) for one in found)
    assert {one["date"] for one in found} == {str(FIRST)}


def test_rows_of_a_failed_table_raise(api, environment):
    api.fail("users", faults.status(400), times=faults.ALWAYS)
    with pytest.raises(LoaderError, match="users: "):
        list(claude_admin_lake.rows("users"))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = claude_admin_lake.nonsense


@pytest.mark.usefixtures("environment")
def test_rows_of_a_drifted_table_come_with_a_warning(api):
    api.put("cost_report", FIRST, [{"amount": {"value": "1"}, "currency": "USD"}])
    rows = claude_admin_lake.rows("cost_report", start_date=FIRST, end_date=FIRST)
    with pytest.warns(UserWarning, match="amount: in amount__raw"):
        (row,) = rows
    assert (row["amount"], row["amount__raw"]) == (None, '{"value":"1"}')
