from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.days import ONE_DAY, DayRange, coarse, intervals, ranges_of

from .fakes import day, days

DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))
RANGES = st.builds(lambda first, n: DayRange(first, first + n * ONE_DAY), DAYS, st.integers(-5, 99))
FEW_DAYS = st.sets(st.dates(date(2026, 2, 1), date(2026, 4, 1)))


@pytest.mark.parametrize(
    ("span", "length"),
    [
        (days("2026-11-01", "2026-11-01"), 1),
        (days("2024-02-28", "2024-03-01"), 3),
        (days("2026-02-28", "2026-03-01"), 2),
        (days("2026-11-02", "2026-11-01"), 0),
        (days("2026-11-09", "2026-11-01"), 0),
    ],
)
def test_a_range_has_both_its_ends_and_is_empty_if_they_are_inverted(span, length):
    assert len(span) == len(list(span)) == length


def test_a_range_holds_days_and_nothing_else():
    span = days("2026-11-01", "2026-11-03")
    assert day("2026-11-01") in span
    assert day("2026-11-03") in span
    assert day("2026-11-04") not in span
    assert "2026-11-02" not in span


def test_a_range_is_written_as_an_interval():
    assert str(days("2026-11-01", "2026-11-03")) == "2026-11-01/2026-11-03"


@given(RANGES, st.integers(1, 40))
def test_pieces_are_the_range_in_order_and_as_few_as_possible(span, size):
    pieces = list(span.pieces(size))
    assert [one for piece in pieces for one in piece] == list(span)
    assert all(1 <= len(piece) <= size for piece in pieces)
    assert len(pieces) == -(-len(span) // size)


@given(FEW_DAYS)
def test_ranges_hold_just_the_days_given_and_do_not_touch(found):
    ranges = ranges_of(found)
    assert [one for span in ranges for one in span] == sorted(found)
    assert all(a.last + ONE_DAY < b.first for a, b in pairwise(ranges))


def test_a_day_given_twice_counts_once():
    assert ranges_of([day("2026-11-01")] * 2) == [days("2026-11-01", "2026-11-01")]


def test_intervals_are_the_ranges_as_text():
    found = [day("2026-11-05"), day("2026-11-01"), day("2026-11-02")]
    assert intervals(found) == ["2026-11-01/2026-11-02", "2026-11-05/2026-11-05"]


@given(st.sets(st.dates(day("2026-01-01"), day("2026-12-31"))), st.integers(1, 20))
def test_coarse_ranges_are_few_and_lose_no_day(some, most):
    ranges = ranges_of(some)
    few = coarse(ranges, most)
    assert len(few) <= most
    assert set(some) <= {one for span in few for one in span}
    assert list(few) == ranges or len(few) == most


def test_the_closest_ranges_are_merged_first():
    ranges = ranges_of(map(day, ("2026-01-01", "2026-03-01", "2026-03-03", "2026-06-01")))
    assert list(map(str, coarse(ranges, 3))) == [
        "2026-01-01/2026-01-01", "2026-03-01/2026-03-03", "2026-06-01/2026-06-01",
    ]  # fmt: skip
