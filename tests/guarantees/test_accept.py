"""Days that the operator gives up: the cursor passes them, and everything keeps naming them."""

import json
from typing import Any

import pytest

from admin_double import ALWAYS, faults
from claude_admin_lake.errors import InvalidInput
from tests.guarantees.world import TODAY, World, ago, assert_day_is_true

CLAUDE_CODE = "claude_code_usage"
BAD = ago(4)


def accept(*days: Any, table: str = CLAUDE_CODE) -> dict[str, Any]:
    return {"organization": "main", "accept": {table: [str(day) for day in days]}}


def asked_days(world: World) -> list[str]:
    return [
        dict(one.query)["starting_at"][:10]
        for one in world.api.requests
        if one.table == CLAUDE_CODE
    ]


def told(world: World, result: Any, table: str = CLAUDE_CODE) -> list[str]:
    """The accepted days in the result, which load_runs must name too."""
    day = world.clock.now().date()
    rows = world.rows(f"load_runs/organization=main/date={day}/run.jsonl.gz")
    (row,) = [row for row in rows if row["table_name"] == table]
    found = result.as_dict()["tables"][table].get("accepted", [])
    assert row["accepted"] == found
    return found


def test_a_day_that_never_heals_can_be_given_up(world: World) -> None:
    world.settings["TABLES"] = CLAUDE_CODE
    world.api.fail(CLAUDE_CODE, faults.status(500), day=BAD, times=ALWAYS)
    assert world.run().failures
    assert world.cursor(CLAUDE_CODE) == str(ago(5))
    result = world.run(accept(BAD))
    assert result.status == "complete"
    assert str(BAD) not in asked_days(world)
    assert world.cursor(CLAUDE_CODE) == str(ago(1))
    assert told(world, result) == [f"{BAD}/{BAD}"]
    assert result.outcomes[0].gaps == []
    world.next_day()
    world.settings["LOOKBACK_DAYS"] = "9"
    result = world.run()
    assert result.status == "complete"
    assert str(BAD) not in asked_days(world)
    assert told(world, result) == [f"{BAD}/{BAD}"]
    assert world.run({"repair": True}).status == "complete"
    assert world.day(CLAUDE_CODE, BAD) is None


def test_a_later_backfill_can_still_bring_it_and_takes_it_off_the_list(
    world: World,
) -> None:
    world.settings["TABLES"] = CLAUDE_CODE
    world.run(accept(BAD, ago(6)))
    result = world.run({"start_date": str(BAD), "end_date": str(BAD)})
    assert result.status == "complete"
    assert_day_is_true(world, CLAUDE_CODE, BAD)
    result = world.run()
    assert told(world, result) == [f"{ago(6)}/{ago(6)}"]
    assert world.cursor(CLAUDE_CODE) == str(ago(1))


def test_a_backfill_that_fails_leaves_it_given_up(on_laptop: World) -> None:
    world = on_laptop
    world.run(accept(BAD))
    world.api.fail(CLAUDE_CODE, faults.status(500), day=BAD, times=ALWAYS)
    assert world.run({"start_date": str(BAD), "end_date": str(BAD)}).failures
    world.api.heal()
    assert told(world, world.run()) == [f"{BAD}/{BAD}"]


def test_yesterday_can_be_given_up_and_days_before_the_first_load(world: World) -> None:
    world.settings["TABLES"] = CLAUDE_CODE
    result = world.run(accept(ago(1), ago(10)))
    assert result.status == "complete"
    assert world.cursor(CLAUDE_CODE) == str(ago(1))
    assert world.days_in_lake(CLAUDE_CODE) == [ago(n) for n in range(9, 1, -1)]


def test_a_changed_query_passes_it_too(on_laptop: World) -> None:
    world = on_laptop
    world.settings["TABLES"] = "usage_report"
    world.run(accept(BAD, table="usage_report"))
    world.settings["USAGE_GROUP_BY"] = "model"
    assert world.run().status == "complete"
    cursor = world.store.cursors()["usage_report"]
    assert (cursor["date"], cursor["query"]) == (str(ago(1)), "1d:model")


def test_days_before_the_apis_retention_are_named_with_the_event_that_gives_them_up(
    on_laptop: World,
) -> None:
    world = on_laptop
    world.settings |= {"START_DATE": str(ago(60)), "TABLES": "cost_report"}
    for n in range(60, 40, -1):
        world.api.fail("cost_report", faults.status(400), day=ago(n), times=ALWAYS)
    why = world.run().failures["cost_report"]
    assert f"refuses {ago(60)}/{ago(41)} with 400" in why
    event = json.loads(why[why.index('{"organization"') :])
    assert event == accept(f"{ago(60)}/{ago(41)}", table="cost_report")
    assert world.run(event).status == "complete"
    assert world.cursor("cost_report") == str(ago(1))


def test_a_day_that_fails_otherwise_is_not_offered_to_be_given_up(on_laptop: World) -> None:
    on_laptop.api.fail(CLAUDE_CODE, faults.status(500), day=BAD, times=ALWAYS)
    assert "accept" not in on_laptop.run().failures[CLAUDE_CODE]


BAD_EVENTS = {
    "no object": ({"accept": [str(BAD)]}, "accept is .*; must be an object"),
    "empty": ({"accept": {}}, "accept is .*; must be an object"),
    "an unknown table": ({"accept": {"usage": [str(BAD)]}}, "'usage'; must be one of"),
    "a snapshot": ({"accept": {"users": [str(BAD)]}}, "'users'; must be one of"),
    "no list": ({"accept": {CLAUDE_CODE: str(BAD)}}, "must be a list of days"),
    "no day": ({"accept": {CLAUDE_CODE: ["soon"]}}, "YYYY-MM-DD"),
    "today": ({"accept": {CLAUDE_CODE: [str(TODAY)]}}, f"must be {ago(1)} or earlier"),
    "before the beginning": ({"accept": {CLAUDE_CODE: [str(ago(11))]}}, f"must be {ago(10)}"),
    "beside a range": (
        {"accept": {CLAUDE_CODE: [str(BAD)]}, "start_date": str(BAD)}, "use only one",
    ),
    "beside repair": ({"accept": {CLAUDE_CODE: [str(BAD)]}, "repair": True}, "use only one"),
}  # fmt: skip


@pytest.mark.parametrize(("event", "message"), BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_a_wrong_acceptance_is_refused_before_any_request(
    on_laptop: World, event: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        on_laptop.run({"organization": "main", **event})
    assert on_laptop.api.requests == []


def test_an_acceptance_names_its_organization(on_laptop: World) -> None:
    with pytest.raises(InvalidInput, match="organization is missing"):
        on_laptop.run({"accept": {CLAUDE_CODE: [str(BAD)]}})
