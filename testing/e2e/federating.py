"""Test step: the function's own role in place of a stored key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from admin_double import AdminDouble, Organization, Rule
from e2e import permissions
from e2e.context import DATED, check
from e2e.deployment import RunError, Stack
from sts_double import StsDouble

if TYPE_CHECKING:
    from e2e.context import Proof

_LOADED = ("complete", "loaded")
"""The run, and a table that the API shows to OAuth tokens only."""

RULE, ACCOUNT = "fdrl_proof", "svac_proof"
DAYS = 3


def loads_without_a_stored_key(at: Proof) -> str:
    """Two deployments, as the guide says: for the role's ARN, and with the rule's id.

    The emulated account signs its tokens with HS256 whatever is asked for, so the function is
    pointed at an STS that signs them as AWS does.
    """
    first_day = datetime.now(UTC).date() - timedelta(days=200)
    organization = Organization(seed=11, users=5, workspaces=2, first_day=first_day)
    with AdminDouble(organization) as api, StsDouble() as sts:
        api.keys.clear()
        given = {
            "AdminApiBaseUrl": api.url, "Federation": "instead-of-a-key",
            "StartDate": str(at.today - timedelta(days=DAYS)), "RequestsPerMinute": "6000",
            "Tables": "standard,access",
        }  # fmt: skip
        stack = Stack(at.account, at.sam, "keyless-lake").deploy(**given)
        check("AdminKeySecretArn" in stack.outputs, wanted=False)
        check("federation: FEDERATION_RULE_ID" in _failure(stack))
        sts.role = stack.outputs["FederationSubject"]
        api.trust(_rule(api, sts, stack))
        stack.deploy(
            **given, FederationRuleId=RULE, FederationServiceAccountId=ACCOUNT,
            FederationOrganizationId=organization.id,
        )  # fmt: skip
        _ask(stack, sts)
        checked = stack.call({"check": True})
        check((checked["status"], stack.objects()), ("complete", []))
        result = stack.call({})
        check((result["status"], result["tables"]["service_accounts"]["status"]), _LOADED)
        check(sorted(stack.cursors()), sorted(DATED))
        sts.role = "arn:aws:iam::123456789012:role/another"
        stack.go_cold()
        check("authentication history" in _failure(stack))
        found = {action for _, action in permissions.role_actions(stack)}
        check("sts:GetWebIdentityToken" in found)
        check("secretsmanager:GetSecretValue" in found, wanted=False)
        lines = "".join(stack.log_lines())
        check([one for one in sts.tokens if one.rpartition(".")[2] in lines], [])
        check("sk-ant-oat" in lines, wanted=False)
        stack.delete()
    return f"{len(sts.tokens)} identities, {api.count('token')} exchanges, no secret"


def _failure(stack: Stack) -> str:
    """The error of a run; "" if it succeeds."""
    try:
        stack.call({})
    except RunError as error:
        return str(error)
    return ""


def _rule(api: AdminDouble, sts: StsDouble, stack: Stack) -> Rule:
    """The rule that an admin makes in the Console from the stack's outputs."""
    return Rule(
        id=RULE,
        organization_id=api.organization.id,
        service_account_id=ACCOUNT,
        issuer=sts.issuer.url,
        verify=sts.issuer.verify,
        subject_prefix=stack.outputs["FederationSubject"],
        audience=stack.outputs["FederationAudience"],
    )


def _ask(stack: Stack, sts: StsDouble) -> None:
    """Point the function at an STS."""
    client = stack.client("lambda")
    found = client.get_function_configuration(FunctionName=stack.function)["Environment"]
    variables = found["Variables"] | {"AWS_ENDPOINT_URL_STS": sts.url}
    client.update_function_configuration(
        FunctionName=stack.function, Environment={"Variables": variables}
    )
