"""What the event `Lake Loaded` says of a load, over its invocations."""

import json

from claude_admin_lake.run.loaded_event import given_up, loaded_so_far
from claude_admin_lake.run.outcome import Status

from .fakes import day
from .test_telemetry import CHANGED, RESTATED, SAME, outcome, result


def costs(*stored, status=Status.LOADED):
    one = outcome("cost_report", status=status)
    for when, published in stored:
        one.stored(day(when), 10, 100, [published])
    return one


def test_it_names_the_changed_days_of_each_table_and_the_rows():
    users = outcome("users")
    users.stored(None, 5, 50, [CHANGED, SAME])
    users.read_on = day("2026-11-22")
    spent = costs(
        ("2026-11-18", RESTATED), ("2026-11-19", CHANGED), ("2026-11-20", SAME),
        ("2026-11-21", CHANGED),
    )  # fmt: skip
    told = loaded_so_far(None, "the load", result(users, spent))
    assert told == {
        "organization": "main",
        "load_id": "the load",
        "run_id": "r",
        "status": "complete",
        "tables": {
            "users": {"status": "loaded", "rows": 5, "changed": ["2026-11-22/2026-11-22"]},
            "cost_report": {
                "status": "loaded",
                "rows": 40,
                "changed": ["2026-11-18/2026-11-19", "2026-11-21/2026-11-21"],
            },
        },
    }
    assert json.loads(json.dumps(told)) == told


def test_invocations_of_one_load_add_up():
    first = costs(("2026-11-18", CHANGED), status=Status.UNFINISHED)
    earlier = loaded_so_far(None, "load", result(outcome("users"), first))
    assert earlier["status"] == "incomplete"
    told = loaded_so_far(earlier, "load", result(costs(("2026-11-19", CHANGED))))
    assert told["status"] == "complete"
    assert set(told["tables"]) == {"users", "cost_report"}
    assert told["tables"]["cost_report"]["changed"] == ["2026-11-18/2026-11-19"]
    assert told["tables"]["cost_report"]["rows"] == 20


def test_another_load_starts_anew():
    earlier = loaded_so_far(None, "yesterday", result(costs(("2026-11-18", CHANGED))))
    told = loaded_so_far(earlier, "today", result(outcome("users")))
    assert set(told["tables"]) == {"users"}


def test_a_table_that_was_not_loaded_makes_the_load_incomplete():
    earlier = loaded_so_far(None, "load", result(outcome("invites", status=Status.FORBIDDEN)))
    assert loaded_so_far(earlier, "load", result(outcome("users")))["status"] == "incomplete"


def test_a_load_that_is_given_up_is_incomplete_and_one_that_never_began_is_not_told():
    earlier = loaded_so_far(None, "load", result(costs(("2026-11-18", CHANGED))))
    assert given_up(earlier, "load") == {**earlier, "status": "incomplete"}
    assert given_up(earlier, "other") is None
    assert given_up(None, "load") is None
