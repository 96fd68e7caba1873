from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_admin_lake.days import ONE_DAY, DayRange
from claude_admin_lake.plan.cursor import (
    Cursor,
    Question,
    after_loading,
    first_day,
    gaps,
    is_reload,
)

from .fakes import day, days

START = day("2026-01-01")
ASKED = Question(query="1d:model", start=START)
OTHER = Question(query="1d:model,speed", start=START)


def at(text: str, **reload) -> Cursor:
    return Cursor(date=day(text), query=ASKED.query, **reload)


def offsets(low: int, high: int):
    return st.integers(low, high).map(lambda n: START + n * ONE_DAY)


@pytest.mark.parametrize(
    ("cursor", "lookback", "first"),
    [
        (Cursor(), 3, "2026-01-01"),
        (Cursor(), 0, "2026-01-01"),
        (at("2026-02-10"), 0, "2026-02-11"),
        (at("2026-02-10"), 3, "2026-02-08"),
        (at("2026-02-10"), 30, "2026-01-12"),
        (at("2026-01-02"), 3, "2026-01-01"),
        (at("2026-01-01"), 365, "2026-01-01"),
        (at("2025-06-01"), 3, "2026-01-01"),
    ],
)
def test_a_run_reads_from_cursor_plus_one_less_lookback_never_before_the_start(
    cursor, lookback, first
):
    assert first_day(cursor, ASKED, lookback) == day(first)


def test_a_cursor_without_a_query_is_taken_as_today_s():
    assert not is_reload(Cursor(date=day("2026-02-10")), ASKED)


def test_a_missing_cursor_is_no_reload():
    assert not is_reload(Cursor(), ASKED)


def test_a_changed_query_reads_from_the_start_again():
    assert is_reload(at("2026-02-10"), OTHER)
    assert first_day(at("2026-02-10"), OTHER, 3) == START


def test_a_reload_leaves_the_cursor_until_it_has_caught_up():
    half = after_loading(at("2026-02-10"), OTHER, days("2026-01-01", "2026-01-31"))
    assert (half.date, half.query) == (day("2026-02-10"), ASKED.query)
    assert first_day(half, OTHER, 3) == day("2026-02-01")
    whole = after_loading(half, OTHER, days("2026-02-01", "2026-02-10"))
    assert whole == Cursor(date=day("2026-02-10"), query=OTHER.query)


def test_a_reload_may_go_beyond_the_old_cursor_at_once():
    whole = after_loading(at("2026-02-10"), OTHER, days("2026-01-01", "2026-02-12"))
    assert whole == Cursor(date=day("2026-02-12"), query=OTHER.query)


def test_a_reload_that_leaves_a_day_out_does_not_count():
    cursor = at("2026-02-10")
    assert after_loading(cursor, OTHER, days("2026-01-02", "2026-02-12")) == cursor


def test_a_third_query_begins_the_reload_from_the_start():
    half = after_loading(at("2026-02-10"), OTHER, days("2026-01-01", "2026-01-31"))
    third = Question(query="1d:speed", start=START)
    assert first_day(half, third, 0) == START


def test_a_query_put_back_in_the_middle_of_a_reload_reloads_what_was_replaced():
    half = after_loading(at("2026-02-10"), OTHER, days("2026-01-01", "2026-01-31"))
    assert first_day(half, ASKED, 3) == START


def test_a_start_moved_ahead_of_the_cursor_begins_there():
    later = Question(query=ASKED.query, start=day("2026-06-01"))
    assert first_day(at("2026-02-10"), later, 3) == day("2026-06-01")
    moved = after_loading(at("2026-02-10"), later, days("2026-06-01", "2026-06-02"))
    assert moved.date == day("2026-06-02")


def test_a_start_moved_back_leaves_the_days_before_to_a_repair():
    earlier = Question(query=ASKED.query, start=day("2025-12-01"))
    assert first_day(at("2026-02-10"), earlier, 3) == day("2026-02-08")


@pytest.mark.parametrize(
    "loaded",
    [
        days("2026-02-12", "2026-02-20"),
        days("2026-01-01", "2026-02-09"),
        days("2026-02-10", "2026-02-10"),
    ],
    ids=["leaves a day out", "ends before", "ends there"],
)
def test_a_cursor_stays_if_it_cannot_move_forward_without_a_hole(loaded):
    assert after_loading(at("2026-02-10"), ASKED, loaded) == at("2026-02-10")


LOADS = st.lists(
    st.builds(lambda first, n: DayRange(first, first + n * ONE_DAY), offsets(-9, 40),
              st.integers(0, 20)),
    max_size=12,
)  # fmt: skip


@given(LOADS)
def test_the_cursor_never_goes_back_and_never_passes_a_day_that_was_not_loaded(loads):
    cursor, lake = Cursor(), set()
    for loaded in loads:
        lake |= set(loaded)
        moved = after_loading(cursor, ASKED, loaded)
        assert (moved.date or date.min) >= (cursor.date or date.min)
        assert set(DayRange(START, moved.date or date.min)) <= lake
        cursor = moved


RUNS = st.lists(
    st.tuples(st.sampled_from([ASKED, OTHER]), st.integers(1, 40), st.integers(0, 5)), max_size=12
)


@given(RUNS)
def test_once_no_reload_is_due_every_day_up_to_the_cursor_was_filled_by_today_s_query(runs):
    """Runs that each read some days from where they should begin, under changing settings."""
    cursor, lake = Cursor(), {}
    for question, count, lookback in runs:
        first = first_day(cursor, question, lookback)
        loaded = DayRange(first, first + timedelta(days=count - 1))
        lake |= dict.fromkeys(loaded, question.query)
        moved = after_loading(cursor, question, loaded)
        assert (moved.date or date.min) >= (cursor.date or date.min)
        if moved.date and not is_reload(moved, question):
            filled = {lake.get(one) for one in DayRange(START, moved.date)}
            assert filled == {question.query}
        cursor = moved


def test_gaps_are_the_days_from_the_start_through_the_cursor_that_are_missing():
    cursor = at("2026-01-04", accepted=frozenset({day("2026-01-02")}))
    present = {day("2025-12-31"), day("2026-01-03")}
    assert gaps(cursor, START, present) == [day("2026-01-01"), day("2026-01-04")]
    assert gaps(Cursor(), START, present) == []
