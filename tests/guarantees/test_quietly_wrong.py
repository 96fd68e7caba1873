"""Ways in which a run could say `complete` although data is wrong, missing or another's."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from admin_double.api import AdminDouble
from admin_double.faults import ALWAYS, status
from admin_double.organization import Organization
from admin_double.service import Service
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.resume import Backfill
from claude_admin_lake.run.outcome import Status
from claude_admin_lake.run.result import Result
from claude_admin_lake.run.run import execute
from claude_admin_lake.settings import read_settings
from claude_admin_lake.wiring import on_laptop as wired_on_laptop
from tests.guarantees.loading import load
from tests.guarantees.world import BOTH_KEYS, NOW, PARTITION, FakeClock, World, ago

USAGE, CODE, MEMBERS = "usage_report", "claude_code_usage", "workspace_members"
ADOPT = {"organization": "main", "adopt": True, "tables": ["organization", MEMBERS]}
MEMBERS_KEY = f"{MEMBERS}/{PARTITION}/{MEMBERS}.jsonl.gz"


@pytest.fixture
def world(on_laptop: World) -> World:
    return on_laptop


def days_by_key(world: World) -> list[str]:
    """The days of the usage report that are grouped by key."""
    days = world.days_in_lake(USAGE)
    return [str(day) for day in days if any(row["api_key_id"] for row in world.day(USAGE, day))]


def members_of(world: World, workspace: str) -> int:
    return sum(row["workspace_id"] == workspace for row in world.rows(MEMBERS_KEY))


def archived(space: dict[str, Any]) -> dict[str, Any]:
    return space | {"archived_at": f"{ago(20)}T00:00:00Z"}


class TestOtherDimensions:
    def test_a_continuation_does_not_take_days_of_the_old_query_for_new_ones(self, world: World):
        world.run({"tables": [USAGE]})
        world.next_day()
        remaining = world.run({"tables": [USAGE]}, seconds=0.0).remaining
        world.settings["USAGE_GROUP_BY"] = "model"
        world.run(remaining)
        world.next_day()
        assert world.run({"tables": [USAGE]}).outcomes[0].plan.reload
        assert days_by_key(world) == []

    @pytest.mark.parametrize(
        "event", [{"start_date": str(ago(9)), "end_date": str(ago(8))}, {"repair": True}]
    )
    def test_a_backfill_or_repair_stores_none_beside_the_others(
        self, world: World, event: dict[str, Any]
    ):
        world.run({"tables": [USAGE]})
        before = days_by_key(world)
        world.settings["USAGE_GROUP_BY"] = "model"
        result = world.run({"tables": [USAGE], **event})
        assert "USAGE_GROUP_BY" in result.failures[USAGE]
        assert days_by_key(world) == before

    def test_an_interrupted_backfill_is_not_continued_with_others(self, world: World):
        event = {"start_date": str(ago(60)), "end_date": str(ago(1)), "tables": [USAGE]}
        world.api.fail(USAGE, status(400), day=ago(1), times=ALWAYS)
        assert backfill(world, event).status != "complete"
        world.api.heal()
        world.settings["USAGE_GROUP_BY"] = "model"
        assert backfill(world, event).status == "complete"
        assert days_by_key(world) == []


def backfill(world: World, event: dict[str, Any]) -> Result:
    """A backfill that leaves a file behind if it is interrupted, as on a laptop."""
    settings = read_settings(world.environment)
    asked = read_event(event, settings, world.clock.now())
    kept = Backfill(asked, world.store.folder, world.clock.now(), settings)
    request = kept.request()
    services = wired_on_laptop(
        settings, "main", world.clock, folder=world.store.folder, key=world.store.key,
        progress=kept.follow,
    )  # fmt: skip
    result = execute("run", request, services)
    kept.end(complete=result.status == "complete")
    return result


def test_a_backfill_goes_on_with_days_that_moved_before_it_was_interrupted(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    table, asked = "analytics_usage", 0
    event = {"start_date": str(ago(8)), "end_date": str(ago(1)), "tables": [table]}
    world.api.page_cap = 20
    rows = world.api.truth(table, ago(8))
    moved = [{**row, "usage": {**row["usage"], "output_tokens": 424242}} for row in rows]
    move = world.api.move_analytics("refreshed", table=table, times=0)
    contents, answer = world.api._contents, Service.answer  # the API itself is locked in an answer

    def moving(service: Service, method: str, request: Any) -> Any:
        nonlocal asked
        if "analytics/usage" in request.path:
            asked += 1
            if asked == 4:
                move.times = 1
                contents.put(table, ago(8), moved)
            if asked == 5:
                world.api.fail(None, status(503), times=ALWAYS)
        return answer(service, method, request)

    monkeypatch.setattr(Service, "answer", moving)
    assert backfill(world, event).status != "complete"
    monkeypatch.undo()
    world.api.heal()
    assert backfill(world, event).status == "complete"
    assert {row["output_tokens"] for row in world.day(table, ago(8))} == {424242}


def test_a_cursor_that_was_ahead_reloads_although_a_continuation_comes_first(world: World):
    world.run({"tables": [USAGE]})
    empty = gzip.compress(b"")
    for n in range(6):  # stored by a clock that ran ahead
        world.store.put(f"{USAGE}/{PARTITION}/date={ago(-n)}/{USAGE}.jsonl.gz", empty)
    world.store.put_cursor(USAGE, ago(-5))
    world.next_day(3)
    day = str(ago(-2))
    world.run({"organization": "main", "slices": {USAGE: [f"{day}/{day}"]}})
    world.next_day()
    world.settings["REPORT_LOOKBACK_DAYS"] = "1"
    world.run({"tables": [USAGE]})
    today = world.clock.now().date()
    assert all(world.day(USAGE, day) for day in world.days_in_lake(USAGE) if day < today)


class TestMembers:
    def test_a_bad_page_of_an_archived_workspace_is_no_end_of_its_list(self, world: World):
        world.api.page_cap = 2
        spaces = world.api.truth("workspaces")
        counts = {space["id"]: len(world.api.truth(MEMBERS, space["id"])) for space in spaces}
        gone = next(one for one in spaces if counts[one["id"]] > 2 and one["name"] != "Default")
        changed = [
            one | {"archived_at": f"{ago(1)}T00:00:00Z"} if one == gone else one for one in spaces
        ]
        world.api.put("workspaces", None, changed)
        before = spaces[: spaces.index(gone)]
        pages = sum(max(1, -(-counts[one["id"]] // 2)) for one in before)
        world.api.fail(MEMBERS, status(400), nth=pages + 2, times=1)
        assert world.run({"tables": [MEMBERS]}).status == "complete"
        assert members_of(world, gone["id"]) == counts[gone["id"]]

    def test_a_workspace_that_appears_archived_is_read(self, world: World):
        (first, *others) = world.api.truth("workspaces")
        event = {"tables": ["workspaces", MEMBERS]}
        world.api.put("workspaces", None, others)
        world.run(event)
        world.api.put("workspaces", None, [archived(first), *others])
        world.next_day()
        world.run(event)
        assert members_of(world, first["id"]) == len(world.api.truth(MEMBERS, first["id"]))

    def test_a_damaged_snapshot_is_read_as_a_whole(self, world: World):
        spaces = world.api.truth("workspaces")
        world.api.put("workspaces", None, [*map(archived, spaces)])
        world.run({"tables": ["workspaces", MEMBERS]})
        whole = world.rows(MEMBERS_KEY)
        stored = world.store.get(MEMBERS_KEY) or b""
        for damaged in (stored[: len(stored) // 2], gzip.compress(b"not json\n")):
            world.store.put(MEMBERS_KEY, damaged)
            world.next_day()
            assert world.run({"tables": ["workspaces", MEMBERS]}).status == "complete"
            assert world.rows(MEMBERS_KEY) == whole

    def test_a_parent_that_is_listed_twice_is_read_once(self, world: World):
        world.store.give_key(BOTH_KEYS)
        groups = world.api.truth("rbac_groups")
        renamed = {**groups[0], "name": "renamed while it was listed"}
        world.api.put("rbac_groups", None, [*groups, renamed])
        world.run({"tables": ["rbac_group_members"]})
        rows = world.rows(f"rbac_group_members/{PARTITION}/rbac_group_members.jsonl.gz")
        assert len(rows) == len({json.dumps(row, default=str) for row in rows}) > 0


class TestAdopting:
    @pytest.fixture
    def other(self) -> Iterator[AdminDouble]:
        organization = Organization(seed=99, users=9, workspaces=4, first_day=ago(200))
        with AdminDouble(organization, now=NOW) as api:
            yield api

    def test_no_row_of_the_other_organization_is_continued(self, world: World, other: AdminDouble):
        world.settings["REQUESTS_PER_MINUTE"] = "30"
        world.api.page_cap = 2
        assert world.run({"tables": [MEMBERS]}, seconds=20).outcomes[0].staged
        world.api, world.clock = other, FakeClock(NOW)
        assert world.run(ADOPT).status == "complete"
        known = {space["id"] for space in other.truth("workspaces")}
        assert {row["workspace_id"] for row in world.rows(MEMBERS_KEY)} <= known

    def test_no_row_is_carried_over_from_it(self, world: World, other: AdminDouble):
        world.run({"tables": ["organization", MEMBERS]})
        (gone, *spaces) = other.truth("workspaces")
        other.put("workspaces", None, [archived(gone), *spaces])
        world.api = other
        world.next_day()
        assert world.run(ADOPT).status == "complete"
        assert members_of(world, gone["id"]) == len(other.truth(MEMBERS, gone["id"]))


class TestDamage:
    def test_a_damaged_part_is_read_again(self, world: World):
        world.settings["REQUESTS_PER_MINUTE"] = "30"
        world.api.page_cap = 2
        world.run({"tables": [MEMBERS]}, seconds=20)
        part = f"_staging/{MEMBERS}/{PARTITION}/00000.jsonl.gz"
        world.store.put(part, (world.store.get(part) or b"")[:-9])
        world.clock = FakeClock(NOW)
        assert world.run({"tables": [MEMBERS]}).status == "complete"

    def test_a_damaged_day_of_the_history_does_not_stop_users(self, world: World):
        world.run({"tables": ["users"]})
        history = f"users_history/{PARTITION}/snapshot_date={ago(0)}/users.jsonl.gz"
        world.store.put(history, (world.store.get(history) or b"")[:-20])
        world.store.delete(f"users_seen/{PARTITION}/users_seen.jsonl.gz")
        world.next_day()
        assert world.run({"tables": ["users"]}).status == "complete"

    def test_without_the_days_of_snapshots_all_is_read(self, world: World):
        world.run()
        (world.store.folder / "_state" / "main" / "snapshots.json").write_text("[]")
        assert world.run().status == "complete"


def test_one_bad_day_does_not_take_a_beta_table_away(world: World):
    table = "analytics_usage"
    world.run({"tables": ["analytics"]})
    world.next_day()
    world.api.fail(table, status(400), day=ago(2), times=ALWAYS)
    outcome = world.run({"tables": ["analytics"]}).outcomes[0]
    assert (outcome.table, outcome.status) == (table, Status.FAILED)
    assert outcome.failed == [ago(2)]
    assert world.days_in_lake(table)[-1] == ago(0)


class TestEnds:
    @pytest.mark.parametrize("seconds", range(88, 120, 8))
    def test_refused_days_do_not_hide_that_others_were_not_read(self, world: World, seconds: int):
        world.settings |= {"REQUESTS_PER_MINUTE": "30", "START_DATE": str(ago(40))}
        for n in range(36, 41):
            world.api.fail(CODE, status(400), day=ago(n), times=ALWAYS)
        result = world.run({"tables": [CODE]}, seconds=seconds)
        assert result.remaining or not result.outcomes[0].due

    def test_days_that_are_not_there_yet_are_not_read_later(self, world: World):
        table = "enterprise_users"
        world.at(NOW.replace(hour=12))
        body = json.dumps({"error": {"message": f"newest is {ago(3)}"}}).encode()
        world.api.fail(table, status(400, body=body), day=ago(1), times=ALWAYS)
        world.api.fail(table, status(500), day=ago(5), times=6)
        world.api.fail(table, status(500), day=ago(2), times=ALWAYS)
        outcome = load(world, table)
        assert (outcome.status, outcome.error) == (Status.LOADED, None)

    def test_what_remains_of_a_late_event_is_an_event(self, world: World):
        world.run({"tables": [USAGE, CODE]})
        cursors = world.store.folder / "_state" / "main" / "cursors.json"
        found = json.loads(cursors.read_text())
        cursors.write_text(json.dumps(found | {USAGE: {"date": "nonsense"}}))
        world.next_day(2)
        late = (NOW + timedelta(days=1)).isoformat()
        world.settings["REQUESTS_PER_MINUTE"] = "1"
        remaining = world.run(
            {"tables": [USAGE, CODE], "scheduled_time": late}, seconds=30
        ).remaining
        assert remaining
        world.run(remaining)

    def test_an_accepted_day_can_be_loaded_while_the_cursor_is_ahead(self, world: World):
        world.run({"tables": [USAGE]})
        day = str(ago(5))
        world.run({"organization": "main", "accept": {USAGE: [day]}, "tables": [USAGE]})
        cursors = world.store.folder / "_state" / "main" / "cursors.json"
        found = json.loads(cursors.read_text())
        found[USAGE]["date"] = str(ago(-9))
        cursors.write_text(json.dumps(found))
        event = {"tables": [USAGE, "cost_report"], "start_date": day, "end_date": day}
        assert world.run(event).status == "complete"
