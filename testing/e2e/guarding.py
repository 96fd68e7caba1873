"""Steps of the proof: who may do what, what is kept apart, what outlives the stack."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from admin_double.api import KEY
from e2e import permissions
from e2e.context import DATED, check
from e2e.deployment import RunError, Stack

if TYPE_CHECKING:
    from e2e.context import Proof


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
    """The schedule's and the state machine's roles may do their work and nothing else."""
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
    """All of the above came with TLS. Turned round, to deny TLS, it stops a run."""
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
    """Not in any log line, message or object's metadata."""
    lines = at.stack.log_lines()
    check([line for line in lines if KEY in line], [])
    return f"{len(lines)} log lines"


def stands_beside_another_stack(at: Proof) -> str:
    """A second organization in the account: own KMS key, existing secret, e-mail, tracing."""
    key = at.account.client("kms").create_key()["KeyMetadata"]["Arn"]
    other = Stack(at.account, at.sam, "globex-lake").deploy(
        AdminApiBaseUrl=at.api.url, StartDate=str(at.today - timedelta(days=3)),
        ExistingSecretArn=at.stack.outputs["AdminKeySecretArn"], KmsKeyArn=key,
        AlarmEmail="ops@example.com", Tracing="true",
        LakePrefix="claude/lake/", RequestsPerMinute="6000",
    )  # fmt: skip
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
