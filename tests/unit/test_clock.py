from datetime import timedelta

import pytest

from claude_admin_lake.clock import Deadline, SystemClock
from claude_admin_lake.errors import OutOfTime

from .fakes import limited


@pytest.mark.parametrize(
    ("seconds", "left"), [(900, 885), (150, 135), (100, 85), (60, 48), (15, 12), (3, 1), (1, -1)]
)
def test_some_time_is_kept_to_end_in_good_order(clock, seconds, left):
    assert limited(clock, seconds).left == pytest.approx(left)


def test_time_goes_by(clock):
    deadline = limited(clock, 100)
    clock.pass_by(30)
    assert deadline.left == pytest.approx(55)


def test_on_a_laptop_time_is_unlimited(clock):
    deadline = Deadline(clock, None)
    clock.pass_by(10**6)
    deadline.check()
    assert deadline.left == float("inf")


def test_a_wait_that_fits_is_waited(clock):
    limited(clock, 100).wait(84, "a retry")
    assert clock.sleeps == [84]


@pytest.mark.parametrize("seconds", [85, 86, 86_400, float("inf")])
def test_a_wait_longer_than_what_is_left_stops_at_once_and_says_why(clock, seconds):
    with pytest.raises(OutOfTime, match="HTTP 429 requires waiting"):
        limited(clock, 100).wait(seconds, "HTTP 429")
    assert clock.sleeps == []


def test_not_even_a_laptop_sleeps_for_hours(clock):
    with pytest.raises(OutOfTime):
        Deadline(clock, None).wait(901, "HTTP 429")
    Deadline(clock, None).wait(900, "HTTP 429")
    assert clock.sleeps == [900]


def test_when_time_is_up_nothing_more_is_begun(clock):
    deadline = limited(clock, 100)
    deadline.check()
    clock.pass_by(90)
    with pytest.raises(OutOfTime):
        deadline.check()


def test_the_machine_s_clock_tells_utc_and_never_goes_back():
    clock = SystemClock()
    before = clock.elapsed()
    assert clock.now().utcoffset() == timedelta(0)
    clock.sleep(0)
    assert clock.elapsed() >= before
