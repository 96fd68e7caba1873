"""A snapshot of any size is finished over as many invocations as it needs; nothing waits for it."""

import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from admin_double import faults
from admin_double.api import AdminDouble
from admin_double.organization import Organization
from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.run import snapshot, staging
from tests.guarantees.conftest import aws_account  # noqa: F401 - a fixture
from tests.guarantees.world import NOW, OnAws, OnLaptop, World, ago, assert_rows_are, rows_of

MEMBERS = "workspace_members"
KEY = f"{MEMBERS}/organization=main/{MEMBERS}.jsonl.gz"
COUNT = 60


@pytest.fixture
def api() -> Iterator[AdminDouble]:
    # The default workspace is one more.
    organization = Organization(seed=5, users=6, workspaces=COUNT - 1, first_day=ago(100))
    with AdminDouble(organization, now=NOW) as double:
        yield double


@pytest.fixture(params=["on_aws", "on_laptop"])
def world(request: pytest.FixtureRequest, api: AdminDouble, tmp_path: Path) -> World:
    if request.param == "on_laptop":
        return paced(World(api, OnLaptop(tmp_path)))
    request.getfixturevalue("aws_account")
    store = OnAws()
    store.create()
    return paced(World(api, store))


@pytest.fixture
def on_laptop(api: AdminDouble, tmp_path: Path) -> World:
    return paced(World(api, OnLaptop(tmp_path)))


def paced(world: World) -> World:
    """Thirty requests fit into an invocation of a minute."""
    world.settings |= {"REQUESTS_PER_MINUTE": "30", "START_DATE": str(ago(3))}
    return world


def archive(world: World, *, days_ago: int, but: int = 10) -> None:
    """Archive all workspaces but the first few."""
    spaces = world.api.truth("workspaces")
    stamp = f"{ago(days_ago)}T09:00:00Z"
    changed = [
        space | {"archived_at": space["archived_at"] and stamp if n < but else stamp}
        for n, space in enumerate(spaces)
    ]
    world.api.put("workspaces", None, changed)


def whole_load(world: World, event: Any = None, seconds: float = 60) -> tuple[list[Any], list[str]]:
    """The results of a load's invocations, and the paths that they asked for."""
    results, paths, event = [], [], event or {}
    while event is not None:
        results.append(world.run(event, seconds=seconds))
        paths += [one.path for one in world.api.requests]
        event = results[-1].remaining
        assert len(results) < 20, "the load goes round for ever"
    return results, paths


def members(world: World) -> list[str]:
    return [one.path for one in world.api.requests if one.table == MEMBERS]


def assert_members_are_true(world: World) -> None:
    rows = sorted(world.rows(KEY), key=by_text)
    truth = world.api.truth_text(MEMBERS)
    assert_rows_are(MEMBERS, rows, sorted(truth, key=lambda text: by_text(json.loads(text))))


def by_text(row: dict[str, Any]) -> str:
    return f"{row['workspace_id']} {row['user_id']}"


def test_a_snapshot_that_does_not_fit_is_finished_by_the_next_invocations(world: World) -> None:
    results, paths = whole_load(world)
    assert len(results) == 3
    assert results[-1].status == "complete"
    asked = [path for path in paths if path.endswith("/members")]
    assert len(asked) == len(set(asked)) == COUNT
    assert_members_are_true(world)
    history = f"{MEMBERS}_history/organization=main/snapshot_date={NOW.date()}/{MEMBERS}.jsonl.gz"
    assert world.store.get(history) == world.store.get(KEY)
    assert world.store.leftovers() == []


def test_it_holds_up_no_other_table(on_laptop: World) -> None:
    first = on_laptop.run(seconds=60)
    assert {one.table: one.status.value for one in first.outcomes if one.status != "loaded"} == {
        MEMBERS: "unfinished"
    }


@pytest.mark.slow
def test_nothing_of_an_unfinished_snapshot_is_seen(world: World) -> None:
    world.run(seconds=60)
    assert world.store.get(KEY) is None
    world.run_to_the_end(seconds=60)
    before = world.store.get(KEY)
    assert before
    world.api.put(MEMBERS, world.api.truth("workspaces")[0]["id"], [])
    world.run(seconds=60)
    assert world.store.get(KEY) == before


def test_a_snapshot_in_parts_has_the_same_bytes_as_one_read_at_once(
    on_laptop: World, tmp_path: Path
) -> None:
    other = World(on_laptop.api, OnLaptop(tmp_path / "other"))
    other.run({"tables": [MEMBERS]})
    whole_load(on_laptop)
    assert on_laptop.store.get(KEY) == other.store.get(KEY)


def test_a_long_listing_goes_on_at_the_page_it_had_come_to(world: World) -> None:
    world.api.page_cap = 1
    many = [{"id": f"user_{n:04}", "email": f"{n}@example.com"} for n in range(75)]
    world.api.put("users", None, many)
    results, paths = whole_load(world, {"tables": ["users"]})
    assert len(results) == 3
    assert len(paths) == 75 + 3
    assert [row["id"] for row in world.rows("users/organization=main/users.jsonl.gz")] == [
        one["id"] for one in many
    ]


def test_a_listing_of_parents_that_goes_on_in_the_middle_costs_no_child(on_laptop: World) -> None:
    on_laptop.api.page_cap = 5
    first = on_laptop.run({"tables": ["workspaces", MEMBERS]}, seconds=20)
    assert first.remaining
    assert 1 < len(on_laptop.api.requests) < COUNT // 5
    results, _ = whole_load(on_laptop, first.remaining)
    assert results[-1].status == "complete"
    assert_members_are_true(on_laptop)


@pytest.mark.parametrize("table", ["users", "workspaces"])
def test_what_was_read_but_not_published_is_there_once(
    on_laptop: World, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Its rows come from the part, or it is read again."""
    on_laptop.api.page_cap = 5
    on_laptop.api.put("users", None, [{"id": f"user_{n:04}"} for n in range(COUNT)])
    publish = snapshot.remember

    def fail(*_: Any) -> None:
        monkeypatch.setattr(snapshot, "remember", publish)
        raise LakeTrouble("the bucket does not answer")

    monkeypatch.setattr(snapshot, "remember", fail)
    assert on_laptop.run({"tables": [table, MEMBERS]}).status == "complete"
    rows = on_laptop.rows(f"{table}/organization=main/{table}.jsonl.gz")
    assert [row["id"] for row in rows] == [one["id"] for one in on_laptop.api.truth(table)]
    assert_members_are_true(on_laptop)


def test_a_failure_in_the_middle_reads_nothing_again(on_laptop: World) -> None:
    on_laptop.api.fail(MEMBERS, faults.status(500), nth=50, times=8)
    result = on_laptop.run()
    assert result.status == "complete"
    assert len(members(on_laptop)) == COUNT + 8
    assert_members_are_true(on_laptop)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_killed_invocation_loses_a_few_minutes_work_only(
    on_laptop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "PAGES_PER_PART", 12)
    sleep = on_laptop.clock.sleep

    def die_at_last(seconds: float) -> None:
        if len(members(on_laptop)) >= 30:
            raise KeyboardInterrupt
        sleep(seconds)

    monkeypatch.setattr(on_laptop.clock, "sleep", die_at_last)
    with pytest.raises(KeyboardInterrupt):
        on_laptop.run({"tables": [MEMBERS]})
    gc.collect()  # closes what a killed process would not have either
    monkeypatch.setattr(on_laptop.clock, "sleep", sleep)
    assert on_laptop.run({"tables": [MEMBERS]}).status == "complete"
    assert len(members(on_laptop)) == COUNT - 24
    assert_members_are_true(on_laptop)


def test_parts_of_yesterday_are_not_used(on_laptop: World) -> None:
    on_laptop.run({"tables": [MEMBERS]}, seconds=60)
    on_laptop.next_day()
    on_laptop.run({"tables": [MEMBERS]})
    assert len(members(on_laptop)) == COUNT


def test_damaged_or_missing_parts_are_read_again(on_laptop: World) -> None:
    on_laptop.run({"tables": [MEMBERS]}, seconds=60)
    part = f"_staging/{MEMBERS}/organization=main/00000.jsonl.gz"
    assert on_laptop.store.get(part)
    on_laptop.store.delete(part)
    assert on_laptop.run({"tables": [MEMBERS]}).status == "complete"
    assert_members_are_true(on_laptop)


def test_a_folder_keeps_no_parts_once_the_snapshot_is_there(on_laptop: World) -> None:
    whole_load(on_laptop)
    assert not [key for key in on_laptop.store.objects() if key.startswith("_staging/")]


@pytest.mark.slow
def test_members_of_archived_workspaces_are_carried_over(world: World) -> None:
    archive(world, days_ago=20)
    world.run()
    truth = sorted(map(by_text, world.rows(KEY)))
    world.next_day()
    second = world.run()
    assert second.status == "complete"
    assert len(members(world)) == 10
    (one,) = [one for one in second.outcomes if one.table == MEMBERS]
    assert one.carried > 0
    assert one.rows > one.carried
    assert sorted(map(by_text, world.rows(KEY))) == truth
    row = load_run(world)
    assert (row["rows"], row["rows_carried"]) == (one.rows, one.carried)


def load_run(world: World) -> dict[str, Any]:
    day = world.clock.now().date()
    body = world.store.get(f"load_runs/organization=main/date={day}/run.jsonl.gz")
    assert body
    return next(row for row in rows_of(body) if row["table_name"] == MEMBERS)


def test_they_are_read_again_every_thirty_days_also_if_that_day_had_no_run(
    on_laptop: World,
) -> None:
    archive(on_laptop, days_ago=20)
    event = {"tables": ["workspaces", MEMBERS]}
    on_laptop.run(event)
    for days, asked in ((1, 10), (11, COUNT), (0, 10), (15, 10), (15, COUNT)):
        on_laptop.next_day(days)
        on_laptop.run(event)
        assert len(members(on_laptop)) == asked, days


def test_a_newly_archived_workspace_is_read(on_laptop: World) -> None:
    on_laptop.run({"tables": [MEMBERS]})
    archive(on_laptop, days_ago=0)
    on_laptop.run({"tables": [MEMBERS]})
    assert len(members(on_laptop)) == COUNT


def test_nothing_is_carried_over_without_a_snapshot_of_todays_columns(on_laptop: World) -> None:
    archive(on_laptop, days_ago=20)
    on_laptop.run({"tables": [MEMBERS]})
    on_laptop.next_day()
    on_laptop.store.delete(KEY)
    on_laptop.run({"tables": [MEMBERS]})
    assert len(members(on_laptop)) == COUNT


@pytest.mark.slow
def test_more_than_fits_into_15_minutes_takes_two_invocations_and_hardly_a_request_more(
    tmp_path: Path,
) -> None:
    """1,500 workspaces at the usual pace, in numbers a sixth as large."""
    organization = Organization(seed=5, users=6, workspaces=250, first_day=ago(100))
    with AdminDouble(organization, now=NOW) as api:
        standard = {"TABLES": "standard"}
        world = World(api, OnLaptop(tmp_path), {"REQUESTS_PER_MINUTE": "15", **standard})
        least = World(api, OnLaptop(tmp_path / "least"), standard)
        least.run()
        fewest = api.count()
        results, paths = whole_load(world, seconds=900)
        assert 2 <= len(results) <= 3
        assert results[-1].status == "complete"
        assert len(paths) <= 1.1 * fewest
        assert world.store.get(KEY) == least.store.get(KEY)
