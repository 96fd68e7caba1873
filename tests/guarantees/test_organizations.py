"""Several organizations in one lake: each has its own part of it."""

import pytest

from claude_admin_lake.errors import LakeUnavailable
from tests.guarantees.world import World, ago

TWO = {"ORGANIZATIONS": "main,other"}
CURSORS = {"claude_code_usage", "cost_report", "usage_report"}


def run(world: World, organization: str, **event: object) -> None:
    equipment = world.store.equipment(world.environment, world.clock, None, organization)
    result = world.run({"organization": organization, **event}, equipment=equipment)
    assert result.status == "complete"
    assert result.as_dict()["organization"] == organization


def test_each_organization_has_its_own_objects_and_cursors(either_world: World) -> None:
    world = either_world
    world.settings |= TWO
    run(world, "main")
    mine, cursors = world.store.objects(), world.store.cursors()
    run(world, "other")
    theirs = {key: body for key, body in world.store.objects().items() if key not in mine}
    assert {key.split("/")[1] for key in mine} == {"organization=main"}
    assert {key.split("/")[1] for key in theirs} == {"organization=other"}
    assert {key: world.store.objects()[key] for key in mine} == mine
    assert world.store.cursors() == cursors
    assert set(world.store.cursors("other")) == CURSORS


def test_a_gap_of_one_organization_is_not_filled_by_another(either_world: World) -> None:
    world = either_world
    world.settings |= TWO
    run(world, "other")
    run(world, "main")
    world.store.delete(f"cost_report/organization=main/date={ago(5)}/cost_report.jsonl.gz")
    result = world.run({"organization": "main", "tables": ["cost_report"]})
    assert result.outcomes[0].gaps == [ago(5)]


def test_one_organization_neither_blocks_nor_sweeps_another(either_world: World) -> None:
    world = either_world
    world.settings |= TWO
    busy = world.equipment()
    assert busy.state.acquire("main's run", world.clock.now(), world.clock.now())
    upload = busy.lake.upload("users/organization=main/users.jsonl.gz", 1)
    upload.write(b"x" * 9_000_000)
    run(world, "other", tables=["organization"])
    assert upload.publish("digest", {}).changed


@pytest.mark.parametrize(
    "key",
    [
        "cost_report/date=2026-11-05/cost_report.jsonl.gz",
        "users/users.jsonl.gz",
        "load_runs/date=2026-11-05/run.jsonl.gz",
    ],
)
def test_a_lake_of_version_1_is_refused_and_left_alone(either_world: World, key: str) -> None:
    world = either_world
    world.store.put(key, b"old")
    with pytest.raises(LakeUnavailable, match=r"version 1.*another LAKE_PREFIX"):
        world.run()
    assert world.store.objects() == {key: b"old"}
    assert world.api.requests == []


def test_a_folder_with_cursors_of_version_1_is_refused(on_laptop: World) -> None:
    on_laptop.store.folder.mkdir(exist_ok=True)
    (on_laptop.store.folder / "cursors.json").write_text("{}")
    with pytest.raises(LakeUnavailable, match=r"cursors\.json is in the layout of version 1"):
        on_laptop.run()


def test_what_remains_names_the_organization(either_world: World) -> None:
    world = either_world
    result = world.run({"tables": ["cost_report"]}, seconds=0.0)
    assert result.remaining is not None
    assert result.remaining["organization"] == "main"
    assert world.run(result.remaining).status == "complete"
