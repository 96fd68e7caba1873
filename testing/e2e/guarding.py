"""Test steps: permissions, isolation of stacks, and what remains after a stack is deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from admin_double.api import KEY
from e2e import permissions
from e2e.context import DATED, check
from e2e.deployment import RunError, Stack

if TYPE_CHECKING:
    from e2e.context import Proof


ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""A permissions boundary that limits nothing."""


def needs_each_permission(at: Proof) -> str:
    missed = []
    for policy, action in permissions.role_actions(at.stack):
        if action in permissions.NOT_ENFORCED:
            continue
        with permissions.without(at.stack, policy, action):
            permissions.is_missed(at.stack, action, at.long_event)
        missed.append(action)
    permissions.sweep_works_again(at.stack)
    simulated = _roles_of_others(at)
    unseen = ", ".join(permissions.NOT_ENFORCED)
    return f"{len(missed)} missed; {simulated} simulated; not enforced here: {unseen}"


def _roles_of_others(at: Proof) -> int:
    """The roles of the schedule and the state machine allow their work and nothing else."""
    iam, states = at.stack.client("iam"), at.stack.client("stepfunctions")
    function = at.stack.client("lambda").get_function(FunctionName=at.stack.function)
    code = function["Configuration"]["FunctionArn"]
    schedule = at.stack.client("scheduler").get_schedule(Name=at.stack.outputs["ScheduleName"])
    machine = states.describe_state_machine(stateMachineArn=at.stack.outputs["StateMachineArn"])
    allowed = [
        (schedule["Target"]["RoleArn"], "lambda:InvokeFunction", code, "allowed"),
        (
            schedule["Target"]["RoleArn"],
            "sqs:SendMessage",
            schedule["Target"]["DeadLetterConfig"]["Arn"],
            "allowed",
        ),
        (
            schedule["Target"]["RoleArn"],
            "lambda:InvokeFunction",
            code + "-other",
            "implicitDeny",
        ),
        (machine["roleArn"], "lambda:InvokeFunction", code, "allowed"),
        (machine["roleArn"], "lambda:InvokeFunction", code + "-other", "implicitDeny"),
    ]
    for role, action, resource, decision in allowed:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
        )
        check([one["EvalDecision"] for one in answer["EvaluationResults"]], [decision])
    return len(allowed)


def obeys_the_buckets_policy(at: Proof) -> str:
    """All earlier steps used TLS. If the policy is inverted to deny TLS, a run fails."""
    s3 = at.stack.client("s3")
    policy = s3.get_bucket_policy(Bucket=at.stack.bucket)["Policy"]
    check('"aws:SecureTransport": "false"' in policy)
    turned = policy.replace('"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"')
    s3.put_bucket_policy(Bucket=at.stack.bucket, Policy=turned)
    try:
        at.stack.call({"tables": ["organization"]})
    except RunError as error:
        return f"denied: {str(error)[-60:]}"
    finally:
        s3.put_bucket_policy(Bucket=at.stack.bucket, Policy=policy)
    raise AssertionError("the bucket's policy is not enforced")


def keeps_the_key_to_itself(at: Proof) -> str:
    """The key is not in any log line, message or object metadata."""
    lines = at.stack.log_lines()
    check([line for line in lines if KEY in line], [])
    return f"{len(lines)} log lines"


def stands_beside_another_stack(at: Proof) -> str:
    """A second stack with its own KMS key, an existing secret, e-mail, tracing and a boundary."""
    key = at.account.client("kms").create_key()["KeyMetadata"]["Arn"]
    iam = at.account.client("iam")
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(ANYTHING))
    other = Stack(at.account, at.sam, "globex-lake").deploy(
        AdminApiBaseUrl=at.api.url, StartDate=str(at.today - timedelta(days=3)),
        ExistingSecretArn=at.stack.outputs["AdminKeySecretArn"], KmsKeyArn=key,
        AlarmEmail="ops@example.com", Tracing="true",
        LakePrefix="claude/lake/", RequestsPerMinute="6000",
        PermissionsBoundary=boundary["Policy"]["Arn"], RolePath="/teams/data/",
    )  # fmt: skip
    check(len(iam.list_roles(PathPrefix="/teams/data/")["Roles"]), 3)
    check(other.call({})["status"], "complete")
    check(sorted(other.cursors()), sorted(DATED))
    check("kms:Decrypt" in [action for _, action in permissions.role_actions(other)])
    other.delete()
    return f"{len(other.objects())} objects, kept after its deletion"


def keeps_the_data_when_deleted(at: Proof) -> str:
    objects, cursors = at.stack.objects(), at.stack.cursors()
    at.stack.delete()
    check((at.stack.objects(), at.stack.cursors()), (objects, cursors))
    secret = at.account.client("secretsmanager").get_secret_value(
        SecretId=at.stack.outputs["AdminKeySecretArn"]
    )
    check(secret["SecretString"], KEY)
    left = at.account.client("lambda").list_functions()["Functions"]
    check([one["FunctionName"] for one in left], [])
    check(at.account.client("glue").get_databases()["DatabaseList"], [])
    return f"{len(objects)} objects, {len(cursors)} cursors and the secret are still there"


def takes_over_the_bucket_left_behind(at: Proof) -> str:
    """A new stack, without a catalog, continues in the bucket of the deleted one."""
    before, buckets = at.stack.objects(), _buckets(at)
    again = Stack(at.account, at.sam, at.stack.name).deploy(
        AdminApiBaseUrl=at.api.url, StartDate=str(at.today - timedelta(days=3)),
        ExistingSecretArn=at.stack.outputs["AdminKeySecretArn"], RequestsPerMinute="6000",
        ExistingBucketName=at.stack.bucket, CreateCatalog="false",
    )  # fmt: skip
    check(again.bucket, at.stack.bucket)
    check("DatabaseName" in again.outputs, wanted=False)
    result = again.call({})
    check(result["status"], "complete")
    unchanged = sum(one["objects_unchanged"] for one in result["tables"].values())
    check(unchanged >= len(DATED))
    again.delete()
    check(sorted(set(before) - set(again.objects())), [])
    check(_buckets(at), buckets)
    return f"{len(before)} objects kept, {unchanged} found unchanged, no bucket created"


def _buckets(at: Proof) -> list[str]:
    return [one["Name"] for one in at.account.client("s3").list_buckets()["Buckets"]]
