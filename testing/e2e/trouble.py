"""Test steps: failures are queued, reported and fixed by the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from admin_double.faults import ALWAYS, status
from e2e.context import check
from e2e.deployment import until

if TYPE_CHECKING:
    from e2e.context import Proof


def says_that_the_key_is_not_set(at: Proof) -> str:
    """A run that fails every attempt is in the queue, with its event and the reason."""
    event = {"tables": ["users"]}
    at.stack.call_later(event)
    message = until("a failed run in the queue", at.stack.messages)[0]
    check(message["requestPayload"], event)
    reason = message["responsePayload"]["errorMessage"]
    check("placeholder" in reason or "not set yet" in reason)
    check(at.api.count(), 0)
    return reason[:100]


def tells_when_a_long_load_fails(at: Proof) -> str:
    """The load is queued with its event and ends as failed, which raises the alarm."""
    at.api.fail("cost_report", status(400), times=ALWAYS)
    event = {"tables": ["cost_report"]}
    execution = at.stack.start(event)
    ended, states = at.stack.finished(execution)
    at.api.heal()
    message = until("a failed long load in the queue", at.stack.messages)[0]
    check((ended, message["event"], message["execution"]), ("FAILED", event, execution))
    check("cost_report" in str(message["error"]))
    check(at.stack.call(event)["status"], "complete")
    return " > ".join(states)


def goes_on_without_a_forbidden_table(at: Proof) -> str:
    at.api.forbid("invites")
    result = at.stack.call({"tables": ["invites", "users"]})
    at.api.heal()
    check(
        {n: t["status"] for n, t in result["tables"].items()},
        {"invites": "forbidden", "users": "loaded"},
    )
    figures = [
        m["Forbidden"] for m in at.stack.metrics() if m.get("table") == "all" and "Forbidden" in m
    ]
    check([1.0] in figures)
    return "invites forbidden, users loaded, Forbidden = 1"
