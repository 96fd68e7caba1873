"""What rows add up to: exactly, and unknown instead of wrong."""

import gzip
import json
from io import BytesIO

import pytest

from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.lake.packing import totals_of
from claude_admin_lake.records.totals import Totals, added_up
from claude_admin_lake.tables import TABLES

from .fakes import BY_NAME


def lines(*rows: object) -> list[bytes]:
    return [json.dumps(row).encode() + b"\n" for row in rows]


def test_every_digit_of_money_counts():
    rows = lines({"amount_usd": "10000000000000000000000000.1"}, {"amount_usd": "1e-30"})
    assert added_up(rows, BY_NAME["cost_report"]).usd == f"1{'0' * 25}.1{'0' * 28}1"


def test_all_kinds_of_tokens_are_added_and_nulls_are_not():
    rows = lines(
        {"uncached_input_tokens": 1, "cache_creation_ephemeral_5m_input_tokens": 20,
         "cache_creation_ephemeral_1h_input_tokens": 300, "cache_read_input_tokens": 4000,
         "output_tokens": 50000, "other": {"a": []}},
        {"uncached_input_tokens": None, "output_tokens": None},
    )  # fmt: skip
    assert added_up(rows, BY_NAME["usage_report"]) == Totals(rows=2, tokens=54321)


def test_claude_code_is_added_up_from_its_models():
    tokens = {"input": 1, "output": 2, "cache_read": 3, "cache_creation": None}
    dollars, euros = ({"amount": "12.5", "currency": one} for one in ("USD", "EUR"))
    rows = lines(
        {"model_breakdown": [{"tokens": tokens, "estimated_cost": dollars}, None]},
        {"model_breakdown": [{"tokens": None, "estimated_cost": euros}]},
        {"model_breakdown": None},
    )
    assert added_up(rows, BY_NAME["claude_code_usage"]) == Totals(rows=3, usd="0.125", tokens=6)


@pytest.mark.parametrize(
    ("table", "empty"),
    [
        ("cost_report", Totals(rows=0, usd="0")),
        ("analytics_cost", Totals(rows=0, usd="0")),
        ("usage_report_hourly", Totals(rows=0, tokens=0)),
        ("enterprise_skills", Totals(rows=0)),
    ],
)
def test_a_table_has_the_totals_that_its_columns_have(table, empty):
    assert added_up([], BY_NAME[table]) == empty


def test_every_table_with_money_or_tokens_per_day_has_totals():
    counted = {one.name for one in TABLES if one.days and added_up([], one) != Totals(rows=0)}
    assert counted == {
        "claude_code_usage", "usage_report", "usage_report_hourly", "cost_report",
        "analytics_usage", "analytics_cost", "analytics_usage_by_actor", "analytics_cost_by_actor",
    }  # fmt: skip


def test_a_sum_that_no_bigint_holds_is_unknown():
    rows = lines({"output_tokens": 2**62}, {"output_tokens": 2**62})
    assert added_up(rows, BY_NAME["usage_report"]) == Totals(rows=2)


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(b"no json\n", mtime=0), b"\x1f\x8b\x08"]
)
def test_a_damaged_object_has_unknown_totals(content):
    assert totals_of(lambda: BytesIO(content), BY_NAME["cost_report"]) == Totals()


def test_an_object_that_cannot_be_read_has_unknown_totals():
    def refuse() -> BytesIO:
        raise LakeTrouble("no")

    assert totals_of(refuse, BY_NAME["cost_report"]) == Totals()
