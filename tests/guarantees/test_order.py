"""The order of effects: objects first, then the cursor, then the report of the run."""

from datetime import date, timedelta

import pytest

from tests.guarantees.effects import Effects, Moved, Published, assert_published_before_moved
from tests.guarantees.world import DATED, TODAY, World, ago

NO_LOOKBACK = {"LOOKBACK_DAYS": "0", "REPORT_LOOKBACK_DAYS": "0"}
STORIES = {
    "lookback": {},
    "no lookback": NO_LOOKBACK,
    "today too": {"INCLUDE_TODAY": "true"},
    "no lookback, today too": {**NO_LOOKBACK, "INCLUDE_TODAY": "true"},
}


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest, world: World) -> World:
    world.settings |= {"START_DATE": str(ago(6)), **STORIES[request.param]}
    return world


def effects_of(world: World) -> list[Published | Moved]:
    effects = Effects(world)
    with effects.watched():
        assert world.run().status == "complete"
    return effects.seen


def restate(world: World, days: list[date]) -> None:
    for table in DATED:
        for day in days:
            world.api.put(table, day, world.api.truth(table, day)[1:])


def test_a_cursor_never_moves_past_a_day_that_is_not_published(story: World) -> None:
    assert assert_published_before_moved(effects_of(story), ago(6)) >= len(DATED)
    assert {story.cursor(table) for table in DATED} == {str(ago(1))}


def test_a_cursor_never_moves_before_restated_days_are_published(world: World) -> None:
    """Otherwise a run killed in between would leave an old day behind the lookback."""
    world.settings |= {"LOOKBACK_DAYS": "3", "REPORT_LOOKBACK_DAYS": "3"}
    world.run()
    world.next_day()
    restate(world, [ago(2), ago(1)])
    assert assert_published_before_moved(effects_of(world), ago(2)) == len(DATED)


def test_every_day_is_published_before_the_next_one_and_the_report_comes_last(
    story: World,
) -> None:
    seen = effects_of(story)
    for table in DATED:
        keys = [one.key for one in seen if isinstance(one, Published) and f"{table}/" in one.key]
        assert keys == sorted(keys)
    last = seen[-1]
    assert isinstance(last, Published)
    assert "load_runs/" in last.key
    assert f"date={TODAY}" in last.key


def test_the_recorder_sees_a_cursor_that_moves_too_early() -> None:
    """The guarantee above must be able to fail."""
    published = [Published(f"claude/t/organization=main/date={ago(n)}/t.jsonl.gz") for n in (3, 2)]
    assert assert_published_before_moved([*published, Moved("t", ago(2))], ago(3)) == 1
    for seen in ([Moved("t", ago(3)), *published], [*published, Moved("t", ago(1))]):
        with pytest.raises(AssertionError, match="before"):
            assert_published_before_moved(seen, ago(3))
    with pytest.raises(AssertionError, match=str(ago(4))):
        assert_published_before_moved([*published, Moved("t", ago(2))], ago(2) - timedelta(2))
