"""Claude Enterprise: single days as far as the API has them, with a key and a pace of its own."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from admin_double import ALWAYS, ENTERPRISE_KEY, KEY
from admin_double.faults import status
from claude_admin_lake.run.outcome import Status
from claude_admin_lake.run.result import summary
from tests.guarantees.loading import load
from tests.guarantees.world import BOTH_KEYS, NOW, TODAY, World, ago, assert_day_is_true

USERS, SUMMARIES = "enterprise_users", "enterprise_summaries"
each_day = pytest.mark.parametrize("table", [USERS, SUMMARIES])


@each_day
def test_every_day_is_asked_for_by_itself(on_laptop: World, table: str) -> None:
    load(on_laptop, table)
    asked = [dict(one.query) for one in on_laptop.api.requests if one.table == table]
    days = [ago(n) for n in range(10, 1, -1)]
    if table == USERS:
        assert [one["date"] for one in asked] == list(map(str, days))
    else:
        assert [(one["starting_date"], one["ending_date"]) for one in asked] == [
            (str(day), str(day + timedelta(days=1))) for day in days
        ]


@each_day
def test_the_table_begins_with_2026_and_nothing_before_is_asked_for(
    on_laptop: World, table: str
) -> None:
    world = on_laptop
    world.at(datetime(2026, 1, 5, 12, tzinfo=UTC))
    world.settings["START_DATE"] = "2025-11-01"
    outcome = load(world, table)
    days = [date(2026, 1, n) for n in range(1, 5)]
    assert (outcome.status, outcome.error, outcome.gaps) == (Status.LOADED, None, [])
    assert world.days_in_lake(table) == days
    assert world.cursor(table) == "2026-01-04"
    assert world.api.count(table) == len(days)


@each_day
def test_yesterday_is_there_from_ten_o_clock(world: World, table: str) -> None:
    for hour, last in ((9, ago(2)), (10, ago(1))):
        world.at(NOW.replace(hour=hour, minute=59))
        outcome = load(world, table)
        assert (outcome.status, outcome.error) == (Status.LOADED, None)
        assert world.cursor(table) == str(last)
        assert world.days_in_lake(table)[-1] == last


@each_day
def test_days_that_the_api_does_not_have_yet_are_no_failure_and_come_later(
    world: World, table: str
) -> None:
    world.at(NOW.replace(hour=12))
    world.api.switches.newest_engagement_day = ago(4)
    outcome = load(world, table)
    assert (outcome.status, outcome.error) == (Status.LOADED, None)
    assert world.cursor(table) == str(ago(4))
    assert world.days_in_lake(table)[-1] == ago(4)
    assert summary(outcome)["days_not_yet"] == [f"{ago(3)}/{ago(1)}"]
    assert not outcome.left()
    world.api.switches.newest_engagement_day = ago(2)
    load(world, table)
    assert world.cursor(table) == str(ago(2))
    assert_day_is_true(world, table, ago(2))


@pytest.mark.parametrize(
    "text",
    [
        "date: must be no later than {newest}",
        "Data for {asked} is not available. The latest available day is {newest}.",
        "available from 2026-01-01 through {newest}T00:00:00Z (asked: {asked})",
    ],
)
def test_whatever_the_words_are_the_newest_day_is_understood(on_laptop: World, text: str) -> None:
    world = on_laptop
    world.at(NOW.replace(hour=12))
    words = text.format(newest=ago(2), asked=ago(1))
    body = json.dumps({"type": "error", "error": {"message": words}}).encode()
    world.api.fail(USERS, status(400, body=body), day=ago(1), times=ALWAYS)
    outcome = load(world, USERS)
    assert (outcome.status, world.cursor(USERS)) == (Status.LOADED, str(ago(2)))


@pytest.mark.parametrize("code", [400, 404, 500])
def test_any_other_refusal_is_a_failure(on_laptop: World, code: int) -> None:
    body = b'{"type":"error","error":{"message":"Data is available from 2027-01-01"}}'
    on_laptop.api.fail(USERS, status(code, body=body), day=ago(3), times=ALWAYS)
    assert load(on_laptop, USERS).status is Status.FAILED
    assert on_laptop.cursor(USERS) == str(ago(4))


def test_todays_partial_day_is_not_there_and_asking_for_it_is_no_failure(on_laptop: World) -> None:
    on_laptop.settings["INCLUDE_TODAY"] = "true"
    outcome = load(on_laptop, USERS)
    assert (outcome.status, on_laptop.cursor(USERS)) == (Status.LOADED, str(ago(2)))
    assert TODAY not in on_laptop.days_in_lake(USERS)


def test_a_backfill_of_a_day_that_is_not_there_yet_says_so(on_laptop: World) -> None:
    event = {"start_date": str(ago(3)), "end_date": str(ago(1))}
    outcome = load(on_laptop, USERS, event)
    assert on_laptop.days_in_lake(USERS) == [ago(3), ago(2)]
    assert summary(outcome)["days_not_yet"] == [f"{ago(1)}/{ago(1)}"]


@pytest.mark.parametrize("name", ["data", "summaries"])
def test_summaries_come_under_either_name(on_laptop: World, name: str) -> None:
    on_laptop.api.switches.summaries_key = name
    assert load(on_laptop, SUMMARIES).status is Status.LOADED
    assert_day_is_true(on_laptop, SUMMARIES, ago(3))


def test_what_is_not_tracked_is_null_and_nothing_is_zero(on_laptop: World) -> None:
    on_laptop.api.switches.tracks_file_edits = False
    load(on_laptop, USERS)
    rows = on_laptop.day(USERS, ago(2)) or []
    assert {row["cowork_metrics_file_edit_count"] for row in rows} == {None}
    assert {row["design_metrics_message_count"] for row in rows} == {0}
    assert any(row["claude_tag_metrics_active_day_count"] == 1 for row in rows)


def test_requests_with_the_enterprise_key_have_a_pace_of_their_own(on_laptop: World) -> None:
    """Sixty a minute are allowed, 54 are sent, and other requests are not held up."""
    on_laptop.settings |= {"REQUESTS_PER_MINUTE": "90", "START_DATE": str(ago(75))}
    started = on_laptop.clock.passed
    outcome = load(on_laptop, USERS)
    assert (outcome.status, outcome.meter.retries) == (Status.LOADED, 0)
    assert outcome.meter.requests == 74
    minutes = (on_laptop.clock.passed - started) / 60
    assert 74 / 60 < minutes + 1 / 9 <= 74 / 54


def test_a_refused_enterprise_key_fails_its_own_tables_only(world: World) -> None:
    world.store.give_key(json.dumps({"api_key": KEY, "enterprise_key": "sk-ant-api01-revoked"}))
    result = world.run({"tables": ["users", "enterprise"]})
    statuses = {one.table: one.status for one in result.outcomes}
    assert statuses.pop("users") is Status.LOADED
    assert set(statuses.values()) == {Status.FAILED}
    why = result.failures[USERS]
    assert "enterprise_key" in why
    assert "revoked" in why
    assert "sk-ant-api01-revoked" not in json.dumps(result.as_dict())


def test_an_enterprise_key_that_was_taken_away_is_forbidden_not_forgotten(world: World) -> None:
    world.store.give_key(BOTH_KEYS)
    world.run({"tables": ["users", "enterprise"]})
    world.store.give_key(KEY)
    world.next_day()
    result = world.run({"tables": ["users", "enterprise"]})
    statuses = {one.table: one.status for one in result.outcomes}
    assert statuses.pop("users") is Status.LOADED
    assert set(statuses.values()) == {Status.FORBIDDEN}
    assert result.status == "incomplete"


def test_without_an_enterprise_key_nothing_is_asked(on_laptop: World) -> None:
    result = on_laptop.run({"tables": ["users", "enterprise"]})
    assert result.status == "complete"
    missing = [one for one in result.outcomes if one.table != "users"]
    assert {one.status for one in missing} == {Status.NOT_OFFERED}
    assert all("enterprise_key" in (one.error or "") for one in missing)
    assert {one.table for one in on_laptop.api.requests} == {"organization", "users"}
    assert ENTERPRISE_KEY not in json.dumps(result.as_dict())
