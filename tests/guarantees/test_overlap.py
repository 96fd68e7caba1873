"""Schedules deliver at least once: only one run works at a time, and the newest one wins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from admin_double import ALWAYS, faults
from claude_admin_lake.aws import clients as aws
from claude_admin_lake.errors import CredentialError, Superseded
from claude_admin_lake.function import app
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.run import execute
from claude_admin_lake.state import Lease
from tests.guarantees.world import NOW, FakeClock, World, ago, assert_day_is_true


def test_a_second_run_is_busy_and_does_nothing(world: World) -> None:
    other = world.services()
    lease = other.state.acquire("other", NOW, NOW + timedelta(minutes=15))
    assert lease
    result = world.run()
    assert result.as_dict() == {
        "run_id": "run", "organization": "main", "status": "busy", "tables": {}, "remaining": None,
    }  # fmt: skip
    assert result.failures == {}
    assert world.api.requests == []
    assert world.store.objects() == {}
    other.state.release(lease)
    assert world.run().status == "complete"


def test_the_lease_is_given_back_even_if_the_run_fails(world: World) -> None:
    world.api.fail("users", faults.status(400), times=ALWAYS)
    assert world.run({"tables": ["users"]}).failures
    world.api.keys.clear()
    for _ in range(2):
        with pytest.raises(CredentialError):
            world.run()


def test_a_lease_ends_with_the_invocation_that_took_it(on_aws: World) -> None:
    state = on_aws.services().state
    first = state.acquire("killed", NOW, NOW + timedelta(minutes=15))
    assert state.acquire("early", NOW + timedelta(minutes=14), NOW + timedelta(hours=1)) is None
    second = state.acquire("later", NOW + timedelta(minutes=16), NOW + timedelta(hours=1))
    assert first
    assert second
    assert second.fence > first.fence


def test_a_run_that_lost_its_lease_does_not_give_back_another_ones(on_aws: World) -> None:
    state = on_aws.services().state
    first = state.acquire("killed", NOW, NOW + timedelta(minutes=1))
    state.acquire("later", NOW + timedelta(minutes=2), NOW + timedelta(hours=1))
    assert first
    state.release(first)
    assert state.acquire("third", NOW + timedelta(minutes=3), NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize("size", [10, 9_000_000], ids=["one put", "in parts"])
def test_a_stale_run_cannot_overwrite_newer_data(on_aws: World, size: int) -> None:
    lake = on_aws.services().lake
    stale, newer = (
        lake.upload("users/organization=main/users.jsonl.gz", 1),
        lake.upload("users/organization=main/users.jsonl.gz", 2),
    )
    newer.write(b"newer")
    newer.publish("newer", {})
    stale.write(b"s" * size)
    with pytest.raises(Superseded):
        stale.publish("stale", {})
    stale.discard()
    assert on_aws.store.get("users/organization=main/users.jsonl.gz") == b"newer"
    assert on_aws.store.leftovers() == []


@pytest.mark.parametrize("size", [10, 9_000_000], ids=["one put", "in parts"])
def test_a_stale_run_cannot_slip_in_between_look_and_write(on_aws: World, size: int) -> None:
    """The newer run writes after the stale one has looked, just before it writes."""
    lake = on_aws.services().lake
    stale = lake.upload("users/organization=main/users.jsonl.gz", 1)
    stale.write(b"s" * size)
    look = stale._look
    looks = []

    def look_and_be_late() -> Any:
        looks.append(look())
        if len(looks) == 1:
            newer = lake.upload("users/organization=main/users.jsonl.gz", 2)
            newer.write(b"newer")
            newer.publish("newer", {})
        return looks[-1]

    stale._look = look_and_be_late
    with pytest.raises(Superseded):
        stale.publish("stale", {})
    assert on_aws.store.get("users/organization=main/users.jsonl.gz") == b"newer"


def test_a_write_whose_answer_was_lost_counts_as_written(on_aws: World) -> None:
    """boto3 sends it again, and S3 finds the object of the first attempt."""
    lake = on_aws.services().lake
    upload = lake.upload("users/organization=main/users.jsonl.gz", 1)
    upload.write(b"rows")
    send = upload._send

    def send_and_lose_the_answer(*arguments: Any) -> bool:
        send(*arguments)
        return False

    upload._send = send_and_lose_the_answer
    assert upload.publish("digest", {}).changed


def test_a_stale_run_cannot_move_the_cursor(on_aws: World) -> None:
    state = on_aws.services().state
    expires = NOW + timedelta(hours=1)
    state.move("users", Cursor(date=ago(5), query="1d"), Lease("newer", 7, expires))
    for day, fence in ((ago(4), 6), (ago(6), 7)):
        with pytest.raises(Superseded):
            state.move("users", Cursor(date=day, query="1d"), Lease("stale", fence, expires))
    assert state.cursor("users").date == ago(5)


def test_a_cursor_never_moves_back(world: World) -> None:
    state = world.services().state
    lease = state.acquire("run", NOW, NOW + timedelta(hours=1))
    assert lease
    state.move("cost_report", Cursor(date=ago(5), query="1d"), lease)
    with pytest.raises(Superseded):
        state.move("cost_report", Cursor(date=ago(6), query="1d"), lease)
    assert state.cursor("cost_report").date == ago(5)
    state.release(lease)


def test_a_run_that_wakes_up_after_its_lease_writes_nothing_more(on_aws: World) -> None:
    """A frozen process, say: the newer run's work stands, the old one fails loudly."""
    clock = FakeClock(NOW)
    services = on_aws.store.services(on_aws.environment, clock, 900.0)
    written: list[str] = []

    def freeze(one: Any) -> None:
        written.append(one.table)
        if one.table == "usage_report" and clock.passed == 0:
            clock.passed = 3600
            on_aws.clock.passed = 3600
            on_aws.api.put("claude_code_usage", ago(1), [])
            assert on_aws.run(run_id="newer").status == "complete"

    request = read_event({}, services.settings, NOW)
    result = execute("old", request, replace(services, progress=freeze))
    assert written[-1] == "usage_report"
    assert {"cost_report", "claude_code_usage"} <= set(result.failures)
    assert on_aws.day("claude_code_usage", ago(1)) == []
    assert_day_is_true(on_aws, "cost_report", ago(1))


def test_a_run_that_outlived_its_lease_publishes_nothing_even_where_nothing_is_newer(
    on_aws: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run may have begun, and not have written anything yet."""
    clock, days = FakeClock(NOW), 0
    services = on_aws.store.services(on_aws.environment, clock, 900.0)
    add = Packer.add

    def freeze_in_the_second_day(packer: Packer, lines: bytes) -> None:
        nonlocal days
        days += 1
        if days == 2:
            clock.passed = 3600
        add(packer, lines)

    monkeypatch.setattr(Packer, "add", freeze_in_the_second_day)
    request = read_event({"tables": ["usage_report"]}, services.settings, NOW)
    result = execute("old", request, services)
    assert "lease" in result.failures["usage_report"]
    assert on_aws.days_in_lake("usage_report") == [ago(10)]
    assert on_aws.cursor("usage_report") is None


def test_leases_of_many_at_once_go_to_one(on_aws: World) -> None:
    state = on_aws.services().state
    expires = NOW + timedelta(hours=1)
    got = [state.acquire(f"run {n}", NOW, expires) for n in range(20)]
    assert len([lease for lease in got if lease]) == 1


class Context:
    """What Lambda tells an invocation; a retry has the same id."""

    def __init__(self, request_id: str) -> None:
        self.aws_request_id = request_id

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@pytest.fixture
def started(on_aws: World, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The executions that the handler starts, in an environment like the function's."""
    executions: list[dict[str, Any]] = []

    def start(_: object, event: dict[str, object], name: str = "") -> str:
        executions.append({"event": event, "name": name})
        return "arn:execution"

    monkeypatch.setattr(aws, "continue_later", start)
    for name, value in {**on_aws.environment, "TABLES": "users"}.items():
        monkeypatch.setenv(name, value)
    return executions


def held_by(owner: str, world: World) -> Lease:
    now = datetime.now(UTC)
    lease = world.services().state.acquire(owner, now, now + timedelta(minutes=15))
    assert lease
    return lease


EVENT = {"scheduled_time": "2026-11-20T06:00:00Z", "tables": ["users"]}


def test_a_retry_of_an_invocation_that_was_killed_takes_its_lease_over(
    on_aws: World, started: list[dict[str, Any]]
) -> None:
    killed = held_by("request-1", on_aws)
    answer = app.lambda_handler(EVENT, Context("request-1"))
    assert answer["status"] == "complete"
    lake = on_aws.services().lake
    late = lake.upload("users/organization=main/users.jsonl.gz", killed.fence)
    with pytest.raises(Superseded):
        late.publish("late", {})


def test_an_invocation_that_was_thought_dead_does_not_give_back_its_retry_s_lease(
    on_aws: World,
) -> None:
    first = held_by("request-1", on_aws)
    held_by("request-1", on_aws)
    on_aws.services().state.release(first)
    assert on_aws.services().state.acquire("other", NOW, NOW + timedelta(hours=1)) is None


def test_a_run_that_finds_another_at_work_is_done_later_by_the_state_machine(
    on_aws: World, started: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTINUATION_STATE_MACHINE_ARN", "arn:machine")
    other = held_by("other", on_aws)
    for _ in range(2):
        answer = app.lambda_handler(EVENT, Context("request-2"))
        assert (answer["status"], answer["execution"]) == ("busy", "arn:execution")
    first, again = started
    assert first == again
    assert first["name"]
    assert on_aws.api.requests == []
    called = {**first["event"], "execution": "arn:execution"}
    assert "execution" not in app.lambda_handler(called, Context("request-3"))
    assert len(started) == 2
    on_aws.services().state.release(other)
    assert app.lambda_handler(called, Context("request-4"))["status"] == "complete"


def test_without_a_state_machine_a_busy_run_says_so_and_ends(
    on_aws: World, started: list[dict[str, Any]]
) -> None:
    held_by("other", on_aws)
    answer = app.lambda_handler(EVENT, Context("request-2"))
    assert (answer["status"], answer["remaining"], started) == ("busy", None, [])


def test_the_state_machine_goes_on_only_where_nobody_else_does(
    on_aws: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, object]] = []

    def start(_: object, event: dict[str, object]) -> str:
        started.append(event)
        return "arn:execution"

    monkeypatch.setattr(aws, "continue_later", start)
    for name, value in on_aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CONTINUATION_STATE_MACHINE_ARN", "arn:machine")
    on_aws.api.fail("invites", faults.status(429, retry_after=86400), times=None)
    answer = app.lambda_handler({"scheduled_time": "2026-11-20T06:00:00Z"})
    assert started == [answer["remaining"]]
    app.lambda_handler({"scheduled_time": "2026-11-20T06:00:00Z", "execution": "arn:execution"})
    assert len(started) == 1
