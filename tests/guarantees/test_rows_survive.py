"""What the API says is kept to the letter, whatever it looks like."""

import pytest

from admin_double.api import AdminDouble
from tests.double.openapi import validate_request
from tests.guarantees.world import DATED, SNAPSHOTS, World, ago

ODD_NAME = 'Zoë "the\\ncoder" O\'Neil\n\t\u2028 😀 \\ {"a": 1}'


def test_names_with_quotes_newlines_and_unicode_survive(world: World) -> None:
    user = {"id": "user_1", "type": "user", "email": "zoë@example.com", "name": ODD_NAME}
    world.api.put("users", None, [user])
    world.run({"tables": ["users"]})
    (row,) = world.rows("users/organization=main/users.jsonl.gz")
    assert row == {**user, "role": None, "added_at": None}


def test_numbers_keep_their_exact_value(world: World) -> None:
    world.api.put(
        "claude_code_usage",
        ago(1),
        '[{"core_metrics": {"num_sessions": 9007199254740993}, "huge": 12345678901234567890123,'
        '"model_breakdown": [{"model": "m", "estimated_cost": {"amount": 1.10, "currency": "USD"}},'
        '{"model": "n", "estimated_cost": {"amount": 0.1000000000000000055511151231257827}}]}]',
    )
    world.run({"tables": ["claude_code_usage"]})
    (row,) = world.day("claude_code_usage", ago(1)) or []
    amounts = [one["estimated_cost"]["amount"] for one in row["model_breakdown"]]
    assert list(map(str, amounts)) == ["1.10", "0.1000000000000000055511151231257827"]
    assert row["core_metrics_num_sessions"] == 9007199254740993
    assert row["huge"] == 12345678901234567890123


@pytest.mark.parametrize(
    ("cents", "usd"),
    [("12378.912", "123.78912"), ("0.000001", "0.00000001"), ("-5", "-0.05"), ("100", "1.00")],
)
def test_fractions_of_a_cent_become_exact_dollars(world: World, cents: str, usd: str) -> None:
    world.api.put("cost_report", ago(1), [{"amount": cents, "currency": "USD"}])
    world.run({"tables": ["cost_report"]})
    (row,) = world.day("cost_report", ago(1)) or []
    assert (row["amount"], row["amount_usd"]) == (cents, usd)


def test_a_field_that_changes_its_type_leaves_the_file_queryable_and_loses_nothing(
    world: World,
) -> None:
    world.api.put(
        "usage_report",
        ago(1),
        '[{"output_tokens": "12", "model": {"id": "m"}, "server_tool_use": 3, "new": {"a": [1]}}]',
    )
    result = world.run({"tables": ["usage_report"]})
    (row,) = world.day("usage_report", ago(1)) or []
    assert row["output_tokens"] is None
    assert row["output_tokens__raw"] == '"12"'
    assert row["model"] is None
    assert row["model__raw"] == '{"id":"m"}'
    assert row["server_tool_use"] == 3
    assert row["new_a"] == [1]
    tables = result.as_dict()["tables"]
    drift = tables["usage_report"]["drift"]  # type: ignore[index]
    assert "output_tokens: not bigint" in drift
    assert "new_a: new" in drift


def test_every_request_keeps_to_the_apis_description(api: AdminDouble, on_laptop: World) -> None:
    on_laptop.api.page_cap = 5
    on_laptop.run()
    on_laptop.next_day()
    on_laptop.run()
    assert {one.table for one in api.requests} == {*DATED, *SNAPSHOTS}
    for one in api.requests:
        validate_request(one.method, one.path, one.query, one.headers)
