"""What the API says later about a day replaces what it said before, and nothing else does."""

from decimal import Decimal

import pytest
from botocore.client import BaseClient
from moto.s3 import models as moto_s3

from claude_admin_lake.lake import s3_object
from tests.guarantees.world import DATED, TODAY, World, ago, assert_day_is_true

_TOKENS = (
    "uncached_input_tokens", "cache_creation_ephemeral_5m_input_tokens",
    "cache_creation_ephemeral_1h_input_tokens", "cache_read_input_tokens", "output_tokens",
)  # fmt: skip


def outcome(result, table):
    return next(one for one in result.outcomes if one.table == table)


def changed(world: World, table: str) -> list[dict[str, object]]:
    """What the last run's report says of the days that changed."""
    rows = world.rows(f"load_runs/organization=main/date={TODAY}/run.jsonl.gz")
    (found,) = (row["changed"] for row in rows if row["table_name"] == table)
    return found


def totals(world: World, table: str, day) -> tuple[int, Decimal | None, int | None]:
    """Rows, dollars and tokens of a day, added up from its rows."""
    rows = world.day(table, day) or []
    if table == "claude_code_usage":
        models = [one for row in rows for one in row["model_breakdown"]]
        cents = sum(Decimal(one["estimated_cost"]["amount"]) for one in models)
        return len(rows), cents / 100, sum(sum(one["tokens"].values()) for one in models)
    usd = [Decimal(row["amount_usd"]) for row in rows] if "cost" in table else None
    tokens = [row[name] or 0 for row in rows for name in _TOKENS] if "usage" in table else None
    return len(rows), usd and sum(usd), tokens and sum(tokens)


def told(entry: dict[str, object], when: str) -> tuple[object, Decimal | None, object]:
    usd = entry[f"usd_{when}"]
    return entry[f"rows_{when}"], usd and Decimal(usd), entry[f"tokens_{when}"]


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
def test_a_restated_day_is_replaced_counted_and_told(world: World, table: str) -> None:
    world.run({"tables": [table]})
    before = totals(world, table, ago(2))
    less = world.api.truth(table, ago(2))[:-1]
    world.api.put(table, ago(2), less)
    again = outcome(world.run({"tables": [table]}), table)
    assert again.restated == [ago(2)]
    assert again.objects_written == 1
    assert_day_is_true(world, table, ago(2))
    (entry,) = changed(world, table)
    assert entry["date"] == str(ago(2))
    assert told(entry, "before") == before
    assert told(entry, "after") == totals(world, table, ago(2))
    assert entry["rows_after"] == len(less)


def test_the_report_tells_nothing_of_unchanged_days(world: World) -> None:
    for _ in range(2):
        world.run({"tables": ["cost_report"]})
    assert changed(world, "cost_report") == []


def test_the_report_tells_what_new_days_are_but_not_a_first_loads_history(world: World) -> None:
    world.run({"tables": ["cost_report"]})
    first = changed(world, "cost_report")
    assert [entry["date"] for entry in first] == [str(ago(n)) for n in (2, 1)]
    for entry in first:
        assert told(entry, "before") == (None, None, None)
        assert told(entry, "after") == totals(world, "cost_report", entry["date"])


def test_an_object_in_parts_has_totals_too(on_aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_object, "PART_BYTES", 600)
    monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 1)
    on_aws.run({"tables": ["usage_report"]})
    before = totals(on_aws, "usage_report", ago(2))
    on_aws.api.put("usage_report", ago(2), on_aws.api.truth("usage_report", ago(2))[:-1])
    on_aws.run({"tables": ["usage_report"]})
    (entry,) = changed(on_aws, "usage_report")
    assert told(entry, "before") == before
    assert told(entry, "after") == totals(on_aws, "usage_report", ago(2))


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


@pytest.mark.slow
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


def test_only_an_object_that_is_replaced_is_read(
    on_aws: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, call = [], BaseClient._make_api_call

    def counted(client, name, arguments):
        if name == "GetObject" and "/date=" in arguments["Key"]:
            reads.append(arguments["Key"].split("date=")[1][:10])
        return call(client, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    on_aws.run({"tables": ["cost_report"]})
    on_aws.run({"tables": ["cost_report"]})
    assert reads == []
    on_aws.api.put("cost_report", ago(2), on_aws.api.truth("cost_report", ago(2))[1:])
    on_aws.run({"tables": ["cost_report"]})
    assert reads == [str(ago(2))]
