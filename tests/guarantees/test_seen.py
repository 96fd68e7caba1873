"""Whatever was seen is kept: people who are gone keep their names; no run reads all snapshots."""

import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.run.seen import Seen, add
from tests.guarantees.world import PARTITION, TODAY, World, ago

KEY = f"users_seen/{PARTITION}/users_seen.jsonl.gz"
DAY_BEFORE = f"users_history/{PARTITION}/snapshot_date={ago(1)}/users.jsonl.gz"
LEFT = {"id": "user_left", "name": "Lee Ft", "email": "left@example.com", "role": "developer"}


def seen(world: World) -> dict[str, dict[str, object]]:
    return {str(row["id"]): row for row in world.rows(KEY)}


def snapshot(*rows: dict[str, object]) -> bytes:
    return gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def test_every_id_of_a_snapshot_is_remembered_with_its_days(world: World) -> None:
    world.run({"tables": ["users"]})
    current = world.rows(f"users/{PARTITION}/users.jsonl.gz")
    days = {"first_seen_on": str(TODAY), "last_seen_on": str(TODAY)}
    assert seen(world) == {row["id"]: row | days for row in current}


def test_who_has_left_stays_with_the_last_known_values(world: World) -> None:
    days = {"first_seen_on": str(ago(9)), "last_seen_on": str(ago(1))}
    world.store.put(KEY, snapshot(LEFT | days))
    world.run({"tables": ["users"]})
    assert seen(world)["user_left"] == LEFT | days
    assert len(seen(world)) > 1


def test_the_object_is_built_again_from_the_history_if_it_is_lost_or_damaged(
    world: World,
) -> None:
    days = {"first_seen_on": str(ago(1)), "last_seen_on": str(ago(1))}
    world.store.put(DAY_BEFORE, snapshot(LEFT))
    world.run({"tables": ["users"]})
    assert seen(world)["user_left"] == LEFT | days
    whole = world.store.get(KEY)
    world.store.put(KEY, b"not gzip")
    world.run({"tables": ["users"]})
    assert world.store.get(KEY) == whole


def test_a_second_run_of_the_day_writes_the_same_bytes(world: World) -> None:
    world.run({"tables": ["users"]})
    first = world.store.get(KEY)
    world.run({"tables": ["users"]})
    assert world.store.get(KEY) == first


SNAPSHOTS = st.lists(st.sets(st.sampled_from("abcd")), max_size=5)


@given(SNAPSHOTS)
def test_the_order_in_which_snapshots_are_added_does_not_matter(snapshots: list[set[str]]) -> None:
    days = [
        (f"2026-11-{at + 1:02}", [json.dumps({"id": one, "at": at}).encode() for one in ids])
        for at, ids in enumerate(snapshots)
    ]
    forwards: Seen = {}
    backwards: Seen = {}
    for day, lines in days:
        add(forwards, lines, day)
    for day, lines in reversed(days):
        add(backwards, lines, day)
    assert forwards == backwards
    for name, row in forwards.items():
        shown = [at for at, ids in enumerate(snapshots) if name in ids]
        assert row["at"] == shown[-1]
        assert row["first_seen_on"] == f"2026-11-{shown[0] + 1:02}"
