"""The schedule's expression is one that EventBridge Scheduler takes. No tool checks that."""

import json
import re

import pytest

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
FIELDS = (
    ("minutes", range(60), ()),
    ("hours", range(24), ()),
    ("day of month", range(1, 32), ()),
    ("month", range(1, 13), MONTHS),
    ("day of week", range(1, 8), WEEKDAYS),
    ("year", range(1970, 2200), ()),
)


def faults(expression):
    """What EventBridge Scheduler would refuse; empty if it would take the expression."""
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression):
        number, plural = int(rate[1]), bool(rate[3])
        return [] if number and plural == (number != 1) else [expression]
    cron = re.fullmatch(r"cron\((.+)\)", expression)
    parts = cron[1].split(" ") if cron else []
    if len(parts) != len(FIELDS):
        return [f"{expression}: not rate(...) nor cron(...) of six fields"]
    found = [f"{name}: {part}" for part, (name, allowed, words) in zip(parts, FIELDS, strict=True)
             if not field_is_good(name, part, allowed, words)]  # fmt: skip
    if (parts[2] == "?") == (parts[4] == "?"):
        found.append("exactly one of day of month and day of week is ?")
    return found


def field_is_good(name, part, allowed, words):
    if part == "?":
        return name.startswith("day of")
    if name == "day of month" and part == "L":
        return True
    if name == "day of month" and (near := re.fullmatch(r"(\d+)W", part)):
        return int(near[1]) in allowed
    if name == "day of week" and (nth := re.fullmatch(r"(\w+)(L|#[1-5])", part)):
        return number(nth[1], words) in allowed
    return all(piece_is_good(piece, allowed, words) for piece in part.split(","))


def piece_is_good(piece, allowed, words):
    base, _, step = piece.partition("/")
    if "/" in piece and not (step.isdigit() and int(step) > 0):
        return False
    if base == "*":
        return True
    ends = [number(end, words) for end in base.split("-")]
    return len(ends) <= 2 and all(end in allowed for end in ends) and ends == sorted(ends)


def number(text, words):
    if text in words:
        return words.index(text) + 1
    return int(text) if text.isdigit() else -1


def test_the_default_schedule_is_one_that_aws_takes(written):
    assert faults(written["Parameters"]["ScheduleExpression"]["Default"]) == []


def test_the_default_schedule_runs_daily_when_yesterday_is_complete(written):
    minute, hour, *rest = written["Parameters"]["ScheduleExpression"]["Default"][5:-1].split(" ")
    assert rest == ["*", "*", "?", "*"]
    assert (int(hour), int(minute)) >= (1, 0)
    assert written["Parameters"]["ScheduleTimezone"]["Default"] == "UTC"


@pytest.mark.parametrize(
    "expression",
    ["cron(0 5 * * ? *)", "cron(30 6 ? * MON-FRI *)", "cron(0/15 1-5 ? * * *)", "cron(0 5 L * ? *)",
     "cron(0 5 ? * 6L *)", "cron(0 5 15W * ? 2027-2030)", "cron(0 5 ? JAN,JUL 2#1 *)",
     "rate(1 day)", "rate(12 hours)"],
)  # fmt: skip
def test_good_expressions_pass_this_check_and_the_parameter(written, expression):
    assert faults(expression) == []
    assert re.fullmatch(written["Parameters"]["ScheduleExpression"]["AllowedPattern"], expression)


@pytest.mark.parametrize(
    "expression",
    ["cron(99 99 * * ? *)", "cron(0 5 * * * *)", "cron(0 5 ? * ? *)", "cron(0 24 * * ? *)",
     "cron(0 5 0 * ? *)",
     "cron(0 5 * 13 ? *)", "cron(0 5 ? * 8 *)", "cron(0 5 * * ?)", "cron(0/0 5 * * ? *)",
     "rate(1 days)", "rate(2 day)",
     "rate(0 days)", "rate(1 week)", "5 0 * * *"],
)  # fmt: skip
def test_bad_expressions_do_not(expression):
    assert faults(expression)


def test_the_input_is_scheduler_s_own_word_for_the_time(of_type):
    (schedule,) = of_type("AWS::Scheduler::Schedule").values()
    event = json.loads(schedule["Properties"]["Target"]["Input"])
    assert event == {"scheduled_time": "<aws.scheduler.scheduled-time>"}
