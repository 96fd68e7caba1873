"""How a result is made to fit, and which of its parts are left out first."""

import json

import pytest

from claude_admin_lake.errors import MOST_CHARACTERS, RunFailed
from claude_admin_lake.run.brief import MOST_BYTES, brief
from claude_admin_lake.run.outcome import Status
from tests.selection import only_in_check

from .test_telemetry import outcome

LOADED = {"status": "loaded", "rows": 12345, "cursor": "2026-11-21", "error": None}


def one(tables=9, *, error=None, ranges=12, failed=3):
    days = [f"2026-01-{n % 28 + 1:02}/2026-01-{n % 28 + 1:02}" for n in range(ranges)]
    table = {**LOADED, "status": "failed", "error": error, "days_failed": days}
    named = {f"table_number_{n}": dict(table if n < failed else LOADED) for n in range(tables)}
    remaining = {
        "organization": "main",
        "scheduled_time": "2026-11-22T06:00:00Z",
        "slices": dict.fromkeys(named, days),
    }
    return {"run_id": "r", "status": "incomplete", "tables": named, "remaining": remaining}


def size(answer):
    return len(json.dumps(answer))


def test_a_usual_result_is_told_as_it_is():
    answer = one(error="a reason " * 20)
    assert brief(answer) == answer


def test_long_texts_and_lists_are_cut_and_what_remains_is_not():
    answer = one(error="é" * 40_000, ranges=300, failed=3, tables=3)
    answer["remaining"]["slices"] = {"table_number_0": ["2026-01-01/2026-01-01"] * 150}
    told = brief(answer)
    assert size(told) <= MOST_BYTES
    assert told["remaining"] == answer["remaining"]
    table = told["tables"]["table_number_0"]
    assert table["error"].endswith("…")
    assert table["days_failed"][-1].startswith("… and ")
    assert {name: one["status"] for name, one in told["tables"].items()} == {
        name: one["status"] for name, one in answer["tables"].items()
    }


@pytest.mark.parametrize("count", only_in_check([3, 30], [3, 30, 300]))
def test_the_results_of_many_organizations_fit_whatever_is_in_them(count):
    results = {f"organization-{n}": one(40, error="x" * 5000, failed=40) for n in range(count)}
    told = brief({"status": "incomplete", "organizations": results})
    assert size(told) <= MOST_BYTES
    for name, found in told["organizations"].items():
        assert found["status"] == results[name]["status"]
        assert found["remaining"]["organization"] == "main"
    assert len(told["organizations"]) + told.get("left_out", 0) == count


def test_tables_with_something_to_say_are_kept_longest():
    results = {f"o{n}": one(40, error="why", failed=1, ranges=0) for n in range(20)}
    told = brief({"status": "incomplete", "organizations": results})
    assert size(told) <= MOST_BYTES
    assert set(told["organizations"]["o1"]["tables"]) == {"table_number_0"}
    assert told["organizations"]["o1"]["left_out"] == 39


def test_a_long_message_is_cut_and_a_usual_one_is_not():
    for text in ("x" * 300_000, "é" * 300_000, "\0" * 300_000, "\U0001f600" * 300_000):
        assert len(json.dumps(str(RunFailed(text)))) <= MOST_CHARACTERS + 100
    assert str(RunFailed("x" * 20_000)) == "x" * 20_000


def test_equal_errors_are_told_once_with_their_days():
    found = outcome("claude_code_usage")
    days = list(found.plan.ranges[0])
    for n, day in enumerate(days[:3]):
        why = f'/v1/x: HTTP 500, request-id req_{n}: {{"message":"no","request_id":"req_{n}"}}'
        found.add_error(Status.FAILED, why, [day])
    found.add_error(Status.FAILED, "<Connection object at 0x7f01>: reset", [days[0]])
    found.add_error(Status.FAILED, "<Connection object at 0x7f02>: reset", [days[2]])
    found.add_error(Status.UNFINISHED, "time ran out")
    first, second, third = found.error.split("; ")
    assert first.startswith("2026-11-18/2026-11-20: /v1/x: HTTP 500, request-id req_0: ")
    assert second == (
        "2026-11-18/2026-11-18, 2026-11-20/2026-11-20: <Connection object at 0x7f01>: reset"
    )
    assert third == "time ran out"


def test_different_errors_are_told_apart():
    found = outcome("claude_code_usage")
    found.add_error(Status.FAILED, "HTTP 500, request-id a: one")
    found.add_error(Status.FAILED, "HTTP 500, request-id b: two")
    assert found.error == "HTTP 500, request-id a: one; HTTP 500, request-id b: two"
