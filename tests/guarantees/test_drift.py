"""A run that stores everything and still lacks what people look for is not a complete run."""

import json

import pytest

from tests.guarantees.world import TODAY, World, ago


def table(result, name):
    return result.as_dict()["tables"][name]


def test_an_amount_that_becomes_an_object_is_stored_and_the_run_says_drifted(world: World) -> None:
    world.api.put("cost_report", ago(2), [{"amount": {"value": "12.5"}, "currency": "USD"}] * 2)
    result = world.run({"tables": ["cost_report"]}, run_id="drifted")
    told = table(result, "cost_report")
    assert (result.status, told["status"]) == ("incomplete", "drifted")
    assert told["error"] == f"{ago(2)}/{ago(2)}: amount: in amount__raw"
    assert result.failures == {}
    assert result.remaining is None
    assert told["cursor"] == world.cursor("cost_report") == str(ago(1))
    assert [row["amount__raw"] for row in world.day("cost_report", ago(2)) or ()] == [
        '{"value":"12.5"}'
    ] * 2
    (row,) = world.rows(f"load_runs/organization=main/date={TODAY}/drifted.jsonl.gz")
    assert (row["status"], row["cursor_after"]) == ("drifted", str(ago(1)))


@pytest.mark.parametrize("more", ["", ', "new": 1'], ids=["fast path", "slow path"])
def test_a_token_count_that_is_null_in_every_row_is_noticed(on_laptop: World, more: str) -> None:
    records = f'[{{"output_tokens": 1 {more}}}, {{"output_tokens": 2 {more}}}]'
    on_laptop.api.put("usage_report", ago(1), records)
    told = table(on_laptop.run({"tables": ["usage_report"]}), "usage_report")
    assert told["status"] == "drifted"
    assert "uncached_input_tokens: null in every row" in told["drift"]
    assert not [what for what in told["drift"] if what.startswith("output_tokens")]


def test_one_row_with_a_value_is_enough(on_laptop: World) -> None:
    good = {"uncached_input_tokens": 0, "output_tokens": 0}
    on_laptop.api.put("usage_report", ago(1), [{}, good, {}])
    assert on_laptop.run({"tables": ["usage_report"]}).status == "complete"


def test_one_value_of_another_type_is_not(on_laptop: World) -> None:
    right, wrong = {"amount": "1", "currency": "USD"}, {"amount": 1, "currency": "USD"}
    on_laptop.api.put("cost_report", ago(1), [right, wrong, right])
    assert table(on_laptop.run({"tables": ["cost_report"]}), "cost_report")["status"] == "drifted"


def test_a_snapshot_without_ids_is_drifted(on_laptop: World) -> None:
    on_laptop.api.put("users", None, [{"uuid": "u1"}, {"uuid": "u2"}])
    told = table(on_laptop.run({"tables": ["users"]}), "users")
    assert (told["status"], told["error"]) == ("drifted", "id: null in every row")
    assert told["drift"] == ["id: null in every row", "uuid: new"]


def test_a_day_or_list_without_rows_is_not_drifted(on_laptop: World) -> None:
    on_laptop.api.put("usage_report", ago(1), [])
    on_laptop.api.put("cost_report", ago(1), [])
    on_laptop.api.put("users", None, [])
    named = ["usage_report", "cost_report", "users"]
    assert on_laptop.run({"tables": named}).status == "complete"


def test_a_good_day_does_not_excuse_the_next_one(on_laptop: World) -> None:
    on_laptop.api.put("cost_report", ago(2), [{"amount": "1", "currency": "USD"}])
    on_laptop.api.put("cost_report", ago(1), [{"sum": "1", "currency": "USD"}])
    told = table(on_laptop.run({"tables": ["cost_report"]}), "cost_report")
    assert told["error"] == f"{ago(1)}/{ago(1)}: amount: null in every row"


def test_a_failed_table_stays_failed_though_it_drifted_too(on_laptop: World) -> None:
    on_laptop.api.put("users", None, json.dumps([{"uuid": "u1"}]))
    on_laptop.api.put("cost_report", ago(4), [{"sum": "1"}])
    on_laptop.api.put("cost_report", ago(2), '[{"amount": "1"}, 7]')
    result = on_laptop.run({"tables": ["cost_report"]})
    assert "amount: null" in result.failures["cost_report"]
    assert table(result, "cost_report")["status"] == "failed"


@pytest.mark.parametrize(
    ("breakdown", "status"),
    [
        ('[{"tokens":{"input":"12"}}]', "drifted"),
        ('[{"estimated_cost":{"amount":{"value":1}}}]', "drifted"),
        ('[{"tokens":{"input":12},"estimated_cost":{"amount":1.5},"new":1}]', "loaded"),
        ("[]", "loaded"),
        ("null", "loaded"),
    ],
)
def test_tokens_and_cost_of_claude_code_may_be_none_but_not_of_another_type(
    on_laptop: World, breakdown: str, status: str
) -> None:
    on_laptop.api.put("claude_code_usage", ago(1), f'[{{"model_breakdown":{breakdown}}}]')
    result = on_laptop.run({"tables": ["claude_code_usage"]})
    assert table(result, "claude_code_usage")["status"] == status
