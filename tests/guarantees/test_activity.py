"""The activity feed: whole days, each event once, and everything that its type has."""

import json
from typing import Any

import pytest

from admin_double import ENTERPRISE_KEY, KEY, reset
from claude_admin_lake.run.outcome import Status
from tests.guarantees.loading import load
from tests.guarantees.world import NOW, TODAY, World, ago, assert_day_is_true

TABLE = "compliance_activities"
OWN_READ = "compliance_api_accessed"


@pytest.fixture(autouse=True)
def quiet(api: Any) -> None:
    """Reads write no events, unless a test is about that."""
    api.switches.logs_own_reads = False


def event(number: int, day: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"activity_{number:04}",
        "created_at": f"{day or ago(1)}T12:00:00.{999999 - number:06}Z",
        "organization_id": None,
        "organization_uuid": None,
        "type": "workspace_created",
        "actor": {"type": "anthropic_actor", "email_address": None},
        **fields,
    }


def test_a_day_is_asked_for_as_a_whole_in_pages_of_5000(on_laptop: World) -> None:
    on_laptop.settings["START_DATE"] = str(ago(1))
    on_laptop.api.put(TABLE, ago(1), [event(n) for n in range(5001)])
    assert load(on_laptop, TABLE).rows == 5001
    asked = [dict(one.query) for one in on_laptop.api.requests if one.table == TABLE]
    window = {"created_at.gte": f"{ago(1)}T00:00:00Z", "created_at.lt": f"{TODAY}T00:00:00Z"}
    assert [set(one) - {"after_id"} for one in asked] == [{*window, "limit"}] * 2
    assert all(one.items() >= {**window, "limit": "5000"}.items() for one in asked)
    assert [("after_id" in one) for one in asked] == [False, True]


def test_an_event_that_comes_twice_is_stored_once(world: World) -> None:
    world.settings["START_DATE"] = str(ago(1))
    events = [event(n) for n in range(6)]
    twice = [*events[:4], events[3], *events[3:], events[0]]
    world.api.put(TABLE, ago(1), twice)
    world.api.page_cap = 2
    load(world, TABLE)
    rows = world.day(TABLE, ago(1)) or []
    assert sorted(row["id"] for row in rows) == [one["id"] for one in events]


def test_an_event_without_an_id_is_never_taken_for_another(on_laptop: World) -> None:
    on_laptop.settings["START_DATE"] = str(ago(1))
    nameless = {name: value for name, value in event(1).items() if name != "id"}
    on_laptop.api.put(TABLE, ago(1), [event(0), nameless, nameless])
    assert load(on_laptop, TABLE).rows == 3


def test_a_late_event_is_found_for_three_days(world: World) -> None:
    load(world, TABLE)
    late = event(1, ago(2), type="new_in_2027", target={"id": "x", "amount": 1.50})
    world.api.put(TABLE, ago(2), [*world.api.truth(TABLE, ago(2)), late])
    world.next_day()
    outcome = load(world, TABLE)
    assert outcome.restated == [ago(2)]
    assert outcome.drift == set()
    assert_day_is_true(world, TABLE, ago(2))
    asked = [dict(one.query)["created_at.gte"][:10] for one in world.api.requests[1:]]
    assert asked == [str(ago(n)) for n in (3, 2, 1, 0)]


def test_what_only_some_types_have_is_one_column_with_exact_values(on_laptop: World) -> None:
    on_laptop.settings["START_DATE"] = str(ago(1))
    odd = '{"b":{"z":1.10,"a":[1e40]},"a":"\\n\\u2028","details":null}'
    text = json.dumps(event(1))[:-1] + "," + odd[1:]
    on_laptop.api.put(TABLE, ago(1), f"[{text},{json.dumps(event(2))}]")
    outcome = load(on_laptop, TABLE)
    assert outcome.drift == set()
    one, plain = on_laptop.day(TABLE, ago(1)) or []
    assert one["details"] == '{"a":"\\n\\u2028","b":{"z":1.10,"a":[1e40]},"details":null}'
    assert plain["details"] is None


def test_our_own_reads_are_kept_and_marked_whichever_run_made_them(on_laptop: World) -> None:
    world = on_laptop
    world.settings["START_DATE"] = str(ago(1))
    world.api.switches.logs_own_reads = True
    load(world, TABLE)
    reads = world.api.count(TABLE)
    world.next_day()
    load(world, TABLE)
    first = world.day(TABLE, TODAY) or []
    assert sum(row["is_own_read"] for row in first) == reads > 0
    assert all((row["type"] == OWN_READ) == row["is_own_read"] for row in first)
    before = world.store.get(f"{TABLE}/organization=main/date={TODAY}/{TABLE}.jsonl.gz")
    again = load(world, TABLE, {"start_date": str(TODAY), "end_date": str(TODAY)})
    assert again.objects_unchanged == 1
    assert world.store.get(f"{TABLE}/organization=main/date={TODAY}/{TABLE}.jsonl.gz") == before


def test_a_read_by_somebody_else_is_not_ours(on_laptop: World) -> None:
    on_laptop.settings["START_DATE"] = str(ago(1))
    agents = ["python-requests/2", "claude-admin-lake/0.1.0", "claude-admin-lakes/1", None]
    reads = [
        event(n, type=OWN_READ, actor={"type": "admin_api_key_actor", "user_agent": agent})
        for n, agent in enumerate(agents)
    ]
    ours = {"type": "admin_api_key_actor", "user_agent": agents[1]}
    reads.append(event(len(reads), type="platform_cost_report_viewed", actor=ours))
    on_laptop.api.put(TABLE, ago(1), reads)
    load(on_laptop, TABLE)
    rows = on_laptop.day(TABLE, ago(1)) or []
    assert {row["id"]: row["is_own_read"] for row in rows} == {
        one["id"]: n == 1 for n, one in enumerate(reads)
    }


def test_ten_minutes_must_pass_before_a_day_is_complete(world: World) -> None:
    for minutes, last in ((9, ago(2)), (11, ago(1))):
        world.at(NOW.replace(hour=0, minute=minutes))
        load(world, TABLE)
        assert world.cursor(TABLE) == str(last)


def test_a_day_that_breaks_between_two_pages_is_left_as_it_was(world: World) -> None:
    load(world, TABLE)
    before = world.lake()
    world.api.page_cap = 1
    world.api.fail(TABLE, reset(), day=ago(2), page=2, times=20)
    outcome = load(world, TABLE)
    assert outcome.failed == [ago(2)]
    assert world.lake() == before


def test_the_enterprise_key_reads_the_feed_only_where_there_is_no_api_key(
    on_laptop: World,
) -> None:
    used = {}
    for name, secret in {
        "both": {"api_key": KEY, "enterprise_key": ENTERPRISE_KEY},
        "enterprise": {"enterprise_key": ENTERPRISE_KEY},
    }.items():
        on_laptop.store.give_key(json.dumps(secret))
        result = on_laptop.run({"tables": [TABLE]})
        assert result.outcomes[0].status is Status.LOADED
        asked = [one for one in on_laptop.api.requests if one.table == TABLE]
        used[name] = {one.headers["x-api-key"][:12] for one in asked}
    assert used == {"both": {KEY[:12]}, "enterprise": {ENTERPRISE_KEY[:12]}}


def test_a_feed_that_is_not_switched_on_is_not_offered(on_laptop: World) -> None:
    on_laptop.api.withhold("compliance", 403)
    result = on_laptop.run({"tables": ["users", "activity"]})
    assert result.outcomes[-1].status is Status.NOT_OFFERED
    assert result.status == "complete"
