import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.clock import Deadline
from claude_admin_lake.errors import OutOfTime
from claude_admin_lake.source.pace import Pace, burst

from .fakes import FakeClock, limited

WORK = st.lists(st.tuples(st.floats(0, 40), st.booleans()), min_size=1, max_size=300)


def times(per_minute: int, work) -> list[float]:
    """When requests go that are each asked for some seconds after the last one went."""
    clock = FakeClock()
    pace, deadline, found = Pace(per_minute, clock), Deadline(clock, None), []
    for seconds, refused in work:
        clock.pass_by(seconds)
        pace.wait_turn(deadline)
        found.append(clock.elapsed())
        if refused:
            pace.drain()
    return found


def most_in_a_minute(found: list[float]) -> int:
    first = most = 0
    for at, moment in enumerate(found):
        while found[first] <= moment - 60 + 1e-6:
            first += 1
        most = max(most, at - first + 1)
    return most


@given(st.integers(1, 1000), WORK)
def test_no_minute_holds_more_than_the_rate_and_the_burst(per_minute, work):
    assert most_in_a_minute(times(per_minute, work)) <= per_minute + burst(per_minute)


@pytest.mark.parametrize(("per_minute", "most"), [(90, 100), (60, 66), (9, 10), (1, 2)])
def test_a_busy_minute_stays_within_the_organization_s_limit(per_minute, most):
    found = times(per_minute, [(0.0, False)] * (3 * per_minute + 20))
    assert most_in_a_minute(found) <= most


def test_a_few_requests_need_not_wait():
    assert times(90, [(0.0, False)] * 10)[-1] == 0


def test_the_steady_rate_is_the_one_asked_for():
    found = times(90, [(0.0, False)] * 910)
    assert found[-1] == pytest.approx(900 / 90 * 60)


def test_idle_time_saves_no_more_than_the_burst():
    found = times(90, [(3600.0, False)] + [(0.0, False)] * 10)
    assert found[-2] == 3600
    assert found[-1] > 3600


def test_after_a_drain_the_next_request_waits_its_turn(clock):
    pace = Pace(60, clock)
    pace.drain()
    assert pace.wait_turn(Deadline(clock, None)) == pytest.approx(1.0)
    assert clock.sleeps == [pytest.approx(1.0)]


def test_the_seconds_waited_are_told(clock):
    pace, deadline = Pace(60, clock), Deadline(clock, None)
    waited = sum(pace.wait_turn(deadline) for _ in range(20))
    assert waited == pytest.approx(sum(clock.sleeps))
    assert waited > 0


def test_a_wait_longer_than_what_is_left_is_not_begun(clock):
    pace, deadline = Pace(1, clock), limited(clock, 30)
    pace.wait_turn(deadline)
    with pytest.raises(OutOfTime):
        pace.wait_turn(deadline)
    assert clock.sleeps == []


def test_when_time_is_up_no_request_goes_even_if_it_need_not_wait(clock):
    deadline = limited(clock, 30)
    clock.pass_by(30)
    with pytest.raises(OutOfTime):
        Pace(90, clock).wait_turn(deadline)
