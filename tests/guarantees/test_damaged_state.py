"""A damaged cursor fails only its own table, with one clear line."""

import json
from typing import Any

import boto3
import pytest

from claude_admin_lake.metrics import LAG
from tests.guarantees.world import DATED, World, ago
from tests.selection import only_in_check


def tables(world: World, event: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = world.run(event).as_dict()["tables"]
    return found


def write(world: World, text: str) -> None:
    file = world.store.folder / "_state" / "main" / "cursors.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize(
    "cursor",
    only_in_check(
        [5, {"date": 5}, {"date": "yesterday"}],
        [5, [], "2026-11-19", None, {"date": 5}, {"date": ["2026-11-19"]}, {"date": "yesterday"},
         {"date": "20261119"}, {"date": "2026-11-19", "query": 1},
         {"reload_through": "2026-02-30"}, {"date": {"deep": [[[1]]]}}],
    ),
    ids=str,
)  # fmt: skip
def test_a_cursor_of_a_wrong_shape_costs_its_own_table_only(on_laptop: World, cursor: object):
    write(on_laptop, json.dumps({"cost_report": cursor}))
    told = tables(on_laptop)
    assert told["cost_report"]["status"] == "failed"
    assert "the cursor of cost_report" in told["cost_report"]["error"]
    assert "delete it" in told["cost_report"]["error"] or "must be" in told["cost_report"]["error"]
    assert {one["status"] for name, one in told.items() if name != "cost_report"} == {"loaded"}
    assert on_laptop.cursor("usage_report") == str(ago(1))
    assert (
        json.loads((on_laptop.store.folder / "_state/main/cursors.json").read_text())["cost_report"]
        == cursor
    )


@pytest.mark.parametrize(
    "item",
    [{"date": {"N": "20261119"}}, {"date": {"NULL": True}}, {"date": {"M": {}}},
     {"date": {"S": "soon"}}, {"date": {"S": "2026-11-19"}, "query": {"L": []}}],
    ids=str,
)  # fmt: skip
def test_an_item_of_a_wrong_shape_costs_its_own_table_only(on_aws: World, item: dict[str, Any]):
    key = {"organization": {"S": "main"}, "table_name": {"S": "cost_report"}}
    boto3.client("dynamodb").put_item(TableName="cursors", Item=key | item)
    told = tables(on_aws, {"tables": ["organization", "cost_report", "usage_report"]})
    assert {name: one["status"] for name, one in told.items()} == {
        "organization": "loaded", "cost_report": "failed", "usage_report": "loaded",
    }  # fmt: skip
    assert "the cursor of cost_report" in told["cost_report"]["error"]


@pytest.mark.parametrize("text", ["5", "[]", "{", "null", "[" * 100_000, '{"a":' * 100_000, "\xff"])
def test_a_file_of_cursors_that_is_not_one_is_told_for_each_table(on_laptop: World, text: str):
    write(on_laptop, text)
    told = tables(on_laptop)
    for table in DATED:
        assert told[table]["status"] == "failed"
        assert "cursors.json" in told[table]["error"]
        assert len(told[table]["error"]) < 400
    assert told["users"]["status"] == "loaded"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2022-12-31"])
def test_a_cursor_at_the_end_or_the_beginning_of_time_loads_its_table(world: World, day: str):
    world.run({"tables": ["users"]})
    for table in DATED:
        world.store.put_cursor(table, ago(1).fromisoformat(day))
    world.settings["LOOKBACK_DAYS"] = world.settings["REPORT_LOOKBACK_DAYS"] = "0"
    result = world.run()
    assert result.status == "complete"
    for table in DATED:
        assert world.cursor(table) == str(ago(1))
        assert world.days_in_lake(table) == [ago(n) for n in range(10, 0, -1)]


def test_a_damaged_cursor_of_another_table_is_no_failure_but_claims_no_lag(on_laptop: World):
    write(on_laptop, '{"cost_report": 5}')
    result = on_laptop.run({"tables": ["users"]})
    assert result.status == "complete"
    assert LAG.total(result, ["users", "cost_report"]) is None
