"""How busy a day is, and how its numbers are restated as it gets older."""

from datetime import date

from admin_double.chance import dice

FINAL_AGE = 10_000
CODING_SETTLES_AFTER = 2
REPORTS_SETTLE_AFTER = 3
LATEST_RESTATEMENT = 20

_WEEKDAY = (0.95, 1.0, 1.05, 1.0, 0.85, 0.2, 0.15)


def activity(first_day: date, day: date) -> float:
    """The share of the organization at work: a weekly rhythm times growing adoption."""
    adoption = min(1.0, 0.4 + 0.6 * (day - first_day).days / 300)
    return _WEEKDAY[day.weekday()] * adoption


def coding_version(age: int) -> int:
    """How many times a day's Claude Code records have been restated at this age."""
    return min(age, CODING_SETTLES_AFTER)


def report_version(seed: int, day: date, age: int) -> int:
    """How many times a day's reports have been restated at this age."""
    return min(age, REPORTS_SETTLE_AFTER) + (age >= late_restatement(seed, day))


def late_restatement(seed: int, day: date) -> int:
    """The age of a late restatement, which most days never have."""
    chance = dice(seed, "late", day)
    return chance.randint(6, LATEST_RESTATEMENT) if chance.random() < 0.1 else FINAL_AGE + 1


def settled(version: int) -> float:
    """The share of a day's rows that have arrived in this version."""
    return 1 - 0.1 / (1 + version) if version < REPORTS_SETTLE_AFTER else 1.0
