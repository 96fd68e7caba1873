"""Test of least privilege: removing any permission of the function's role must fail a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from e2e.deployment import RunError, Stack, until

_SWEEPING = ("s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads")
Trial = Callable[[Stack], None]

NOT_ENFORCED = {
    "sqs:SendMessage": "the emulated account delivers failures itself, not as the role",
    "logs:CreateLogStream": "the emulated account writes the log itself",
    "logs:PutLogEvents": "the emulated account writes the log itself",
}
"""Permissions that only AWS needs; tests/template checks that the template has them."""


def role_actions(stack: Stack) -> list[tuple[str, str]]:
    """Return (policy, action) for each permission of the function's role."""
    iam, role = stack.client("iam"), _role(stack)
    found = []
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        found += [
            (policy, one) for statement in document["Statement"] for one in _actions(statement)
        ]
    return found


@contextmanager
def without(stack: Stack, policy: str, action: str) -> Iterator[None]:
    """Remove `action` from the role within a `with` block."""
    iam, role = stack.client("iam"), _role(stack)
    whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]

    def put(document: Any) -> None:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    reduced = [
        {**one, "Action": [a for a in _actions(one) if a != action]} for one in whole["Statement"]
    ]
    put({**whole, "Statement": [one for one in reduced if one["Action"]]})
    try:
        stack.go_cold()
        yield
    finally:
        put(whole)


def is_missed(stack: Stack, action: str, long_event: dict[str, Any]) -> str:
    """Return the error of a run without `action`. Raises AssertionError if it succeeds."""
    event: dict[str, Any] = {"tables": ["organization"]}
    if action in _SWEEPING:
        return _is_missed_in_sweeping(stack, action, event)
    if action == "events:PutEvents":
        return _is_missed_in_announcing(stack, event)
    if action == "dynamodb:GetItem":
        event = {"tables": ["cost_report"]}
    elif action == "states:StartExecution":
        event = long_event
    try:
        stack.call(event)
    except RunError as error:
        if action.split(":")[1] in str(error) or "Forbidden" in str(error):
            return str(error)
        raise AssertionError(f"without {action} the run failed, because: {error}") from error
    raise AssertionError(f"without {action} the run succeeds: it is not needed")


def _is_missed_in_sweeping(stack: Stack, action: str, event: dict[str, Any]) -> str:
    """Without cleanup permissions a run succeeds, but the leftovers of a killed run remain."""
    _abandon_an_upload(stack)
    stack.call(event)
    if not _uploads(stack):
        raise AssertionError(f"without {action} the cleanup still works: it is not needed")
    return "an unfinished upload is left"


def _is_missed_in_announcing(stack: Stack, event: dict[str, Any]) -> str:
    """A refused announcement does not fail the run, but the refusal is measured."""
    stack.call(event)
    until(
        "a refused announcement",
        lambda: any(one.get("EventsRefused") == [1.0] for one in stack.metrics()),
    )
    return "EventsRefused = 1"


def sweep_works_again(stack: Stack) -> None:
    """The next run removes the abandoned upload."""
    stack.call({"tables": ["organization"]})
    until("no upload is left", lambda: not _uploads(stack), 5)


def _abandon_an_upload(stack: Stack) -> None:
    place = stack.outputs["LakeLocation"].split("/", 3)[3]
    stack.client("s3").create_multipart_upload(
        Bucket=stack.bucket, Key=f"{place}organization/organization=main/organization.jsonl.gz"
    )


def _uploads(stack: Stack) -> list[Any]:
    return stack.client("s3").list_multipart_uploads(Bucket=stack.bucket).get("Uploads", [])


def _role(stack: Stack) -> str:
    return stack.outputs["FunctionRoleArn"].rpartition("/")[2]


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)
