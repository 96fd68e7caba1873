"""What the API says is kept to the letter, whatever it looks like."""

import pytest

from admin_double import ALWAYS, faults
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


@pytest.mark.slow
def test_every_request_keeps_to_the_apis_description(api: AdminDouble, on_laptop: World) -> None:
    on_laptop.api.page_cap = 5
    on_laptop.run()
    on_laptop.next_day()
    on_laptop.run()
    assert {one.table for one in api.requests} == {*DATED, *SNAPSHOTS}
    for one in api.requests:
        if "/analytics/" in one.path:
            continue  # newer than the description; the double refuses unknown parameters itself
        validate_request(one.method, one.path, one.query, one.headers)


def test_half_a_character_in_a_name_is_stored_as_its_escape(world: World) -> None:
    """The double's own parser would refuse it."""
    record = rb'{"id":"u1","name":"cut \ud83d","n\udc00w":1},{"id":"u2","name":"Zo\u00eb"}'
    body = b'{"data":[%b],"has_more":false,"last_id":"u2"}' % record
    world.api.fail("users", faults.status(200, body=body))
    told = world.run({"tables": ["users"]}).as_dict()["tables"]["users"]  # type: ignore[index]
    first, second = world.rows("users/organization=main/users.jsonl.gz")
    assert (first["name"], first[r"n\udc00w"]) == (r"cut \ud83d", 1)
    assert second["name"] == "Zoë"
    assert "a string has a lone surrogate, stored as its escape" in told["drift"]
    assert told["status"] == "loaded"


def test_a_record_nested_too_deeply_fails_its_own_day_only(world: World) -> None:
    deep = '[{"x":' * 5000 + "1" + "}]" * 5000
    world.api.fail(
        "claude_code_usage",
        faults.status(200, body=f'{{"data":[{deep}],"has_more":false}}'),
        day=ago(5),
        times=ALWAYS,
    )
    told = world.run({"tables": ["claude_code_usage"]}).as_dict()["tables"]["claude_code_usage"]  # type: ignore[index]
    assert (told["status"], told["days_failed"]) == ("failed", [f"{ago(5)}/{ago(5)}"])
    assert world.days_in_lake("claude_code_usage") == [ago(n) for n in range(10, 0, -1) if n != 5]
