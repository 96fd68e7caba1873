"""What the API says later about a day replaces what it said before, and nothing else does."""

import pytest

from tests.guarantees.world import DATED, World, ago, assert_day_is_true


def outcome(result, table):
    return next(one for one in result.outcomes if one.table == table)


def test_a_second_run_of_the_same_day_writes_nothing(world: World) -> None:
    world.run()
    before = world.lake()
    second = world.run()
    assert world.lake() == before
    for one in second.outcomes:
        assert one.objects_written == 0
        assert one.objects_unchanged > 0
        assert one.restated == []


@pytest.mark.parametrize("table", DATED)
def test_a_restated_day_is_replaced_and_counted(world: World, table: str) -> None:
    world.run({"tables": [table]})
    changed = world.api.truth(table, ago(2))[:-1]
    world.api.put(table, ago(2), changed)
    again = outcome(world.run({"tables": [table]}), table)
    assert again.restated == [ago(2)]
    assert again.objects_written == 1
    assert_day_is_true(world, table, ago(2))


def test_a_day_that_is_said_to_be_empty_now_becomes_empty(world: World) -> None:
    world.run()
    world.api.put("claude_code_usage", ago(1), [])
    world.run()
    assert world.day("claude_code_usage", ago(1)) == []


def test_the_same_rows_in_another_order_are_no_restatement(world: World) -> None:
    world.run()
    before = world.lake()
    for table in DATED:
        world.api.put(table, ago(1), world.api.truth(table, ago(1))[::-1])
    second = world.run()
    assert world.lake() == before
    assert all(one.restated == [] for one in second.outcomes)


def test_a_row_sent_twice_is_a_restatement(world: World) -> None:
    world.run()
    rows = world.api.truth("claude_code_usage", ago(1))
    world.api.put("claude_code_usage", ago(1), [*rows, rows[0]])
    assert outcome(world.run(), "claude_code_usage").restated == [ago(1)]


def test_the_buckets_versions_are_the_history_of_restatements(on_aws: World) -> None:
    for _ in range(3):
        on_aws.run()
    on_aws.api.put("cost_report", ago(2), [])
    on_aws.run()
    versions = [
        on_aws.store.versions(f"cost_report/organization=main/date={ago(n)}/") for n in (1, 2, 3)
    ]
    assert versions == [1, 2, 1]


def test_the_api_itself_restates_recent_days(world: World) -> None:
    """The double's organization restates by itself; a week of runs keeps up with it."""
    restated = 0
    for _ in range(5):
        result = world.run()
        restated += sum(len(one.restated) for one in result.outcomes)
        world.next_day()
    assert restated > 0
    world.run()
    for table in DATED:
        for day in world.days_in_lake(table)[-3:]:
            assert_day_is_true(world, table, day)


def test_a_damaged_file_is_replaced(world: World) -> None:
    key = f"usage_report/organization=main/date={ago(2)}/usage_report.jsonl.gz"
    world.run()
    before = world.lake()
    world.store.put(key, b"this is no gzip")
    assert outcome(world.run(), "usage_report").objects_written == 1
    assert world.lake() == before
