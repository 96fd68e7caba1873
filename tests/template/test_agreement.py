"""The template and the code say the same: variables, tables, metrics, permissions, entry point."""

import ast
import json
import re

import botocore.session
import pytest
from botocore import xform_name

from claude_admin_lake import settings
from claude_admin_lake.function import telemetry
from claude_admin_lake.metrics import METRICS
from claude_admin_lake.source import federation
from claude_admin_lake.tables import DEFAULT, GROUPS, NAMES

from .conftest import ROOT
from .intrinsics import Resolver, as_list, every_choice, statements, worked_out

CONTRACT = {
    "ADMIN_KEY_SECRET_ID",
    "ADMIN_API_BASE_URL",
    "LAKE_BUCKET",
    "LAKE_PREFIX",
    "CURSOR_TABLE",
    "START_DATE",
    "LOOKBACK_DAYS",
    "REPORT_LOOKBACK_DAYS",
    "INCLUDE_TODAY",
    "USAGE_GROUP_BY",
    "REQUESTS_PER_MINUTE",
    "TABLES",
    "CONTINUATION_STATE_MACHINE_ARN",
    "ORGANIZATIONS",
    "ANTHROPIC_VERSION",
}
FEDERATION = set(settings.FEDERATION)
IDS = {
    "FederationRuleId": "fdrl_1",
    "FederationOrganizationId": "11111111-2222-3333-4444-555555555555",
    "FederationServiceAccountId": "svac_1",
}  # fmt: skip
POWERTOOLS = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL"}

ACTION_OF_CALL = {
    "head_bucket": "s3:ListBucket",
    "list_objects_v2": "s3:ListBucket",
    "list_multipart_uploads": "s3:ListBucketMultipartUploads",
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "create_multipart_upload": "s3:PutObject",
    "upload_part": "s3:PutObject",
    "complete_multipart_upload": "s3:PutObject",
    "abort_multipart_upload": "s3:AbortMultipartUpload",
    "get_item": "dynamodb:GetItem",
    "update_item": "dynamodb:UpdateItem",
    "get_secret_value": "secretsmanager:GetSecretValue",
    "start_execution": "states:StartExecution",
    "put_events": "events:PutEvents",
    "GetWebIdentityToken": "sts:GetWebIdentityToken",
}
OWN_WORDS = {"query"}
"""Names of the project's own that an AWS operation also has."""

USED_BY_AWS_FOR_THE_FUNCTION = {
    "sqs:SendMessage": "Lambda delivers failed events as the function's role",
    "logs:CreateLogStream": "Lambda writes the log as the function's role",
    "logs:PutLogEvents": "Lambda writes the log as the function's role",
    "kms:Decrypt": "S3, DynamoDB and Secrets Manager use the own key for the caller",
    "kms:DescribeKey": "DynamoDB looks at the own key for the caller",
    "kms:Encrypt": "DynamoDB uses the own key for the caller",
    "kms:GenerateDataKey": "S3 uses the own key for the caller",
    "xray:PutTraceSegments": "Lambda sends traces as the function's role",
    "xray:PutTelemetryRecords": "Lambda sends traces as the function's role",
}


@pytest.fixture(scope="session")
def resolver(translated):
    return Resolver(translated)


@pytest.fixture(scope="session")
def environment(resources, resolver):
    variables = resolver(resources["LoadFunction"]["Properties"]["Environment"]["Variables"])
    return {name: str(value) for name, value in variables.items()}


def test_the_environment_has_the_names_of_the_contract_and_of_the_settings(environment):
    assert set(environment) == CONTRACT | POWERTOOLS
    assert set(settings.VARIABLES) == CONTRACT | FEDERATION


def test_federation_takes_the_place_of_the_secret(translated):
    resolver = Resolver(translated, Federation="instead-of-a-key", **IDS)
    found = worked_out(resolver, translated)
    variables = found["Resources"]["LoadFunction"]["Properties"]["Environment"]["Variables"]
    assert set(variables) == (CONTRACT | FEDERATION | POWERTOOLS) - {"ADMIN_KEY_SECRET_ID"}
    read = settings.read_settings({name: str(value) for name, value in variables.items()})
    assert tuple(read.federation.values()) == tuple(IDS.values())
    assert "AdminKeySecret" not in json.dumps(found)
    assert "secretsmanager:GetSecretValue" not in json.dumps(found)
    role = resolver({"Fn::GetAtt": "LoadRole.Arn"})
    assert found["Outputs"]["FederationSubject"]["Value"] == role
    assert found["Outputs"]["FederationAudience"]["Value"] == federation.AUDIENCE


@pytest.mark.parametrize("choice", ["none", "instead-of-a-key", "in-the-secret"])
def test_who_does_not_federate_may_not_ask_for_an_identity(translated, choice):
    resolver = Resolver(translated, Federation=choice)
    found = [
        one
        for one in statements(resolver, translated["Resources"]["LoadRole"])
        if one["Action"] == "sts:GetWebIdentityToken"
    ]
    assert bool(found) == (choice != "none")
    for one in found:
        assert one["Condition"]["ForAllValues:StringEquals"] == {
            "sts:IdentityTokenAudience": federation.AUDIENCE
        }
    outputs = worked_out(resolver, translated)["Outputs"]
    assert ("FederationIssuerCommand" in outputs) == (choice != "none")
    assert ("SetKeyCommand" in outputs) == (choice != "instead-of-a-key")


def test_the_templates_defaults_are_settings_that_the_function_accepts(environment):
    read = settings.read_settings(environment)
    plain = settings.Settings()
    same = ("base_url", "lookback_days", "report_lookback_days", "include_today")
    same += (
        "api_version",
        "usage_group_by",
        "requests_per_minute",
        "tables",
        "start_date",
        "organizations",
    )
    assert {name: getattr(read, name) for name in same} == {
        name: getattr(plain, name) for name in same
    }


def test_the_entry_point_exists(resources):
    properties = resources["LoadFunction"]["Properties"]
    module, _, name = properties["Handler"].rpartition(".")
    source = ROOT / "src" / (module.replace(".", "/") + ".py")
    assert f"import {name}" in source.read_text()


def test_the_tables_parameter_knows_the_tables_of_the_registry(written):
    parameter = written["Parameters"]["Tables"]
    names = set(NAMES)
    assert tuple(parameter["Default"].split(",")) == DEFAULT
    assert set(re.search(r"\(([\w|]+)\)", parameter["AllowedPattern"])[1].split("|")) == names
    assert all(group in parameter["ConstraintDescription"] for group in GROUPS)


def test_the_group_by_parameter_knows_the_dimensions_of_the_settings(written):
    pattern = written["Parameters"]["UsageGroupBy"]["AllowedPattern"]
    assert set(re.search(r"\(([\w|]+)\)", pattern)[1].split("|")) == set(settings.DIMENSIONS)


def test_every_own_alarm_watches_a_metric_that_the_code_emits(
    of_type, resolver, environment, capsys
):
    telemetry.emit_failure(environment["POWERTOOLS_METRICS_NAMESPACE"])
    emitted = json.loads(capsys.readouterr().out)
    (block,) = emitted["_aws"]["CloudWatchMetrics"]
    (dimensions,) = block["Dimensions"]
    alarms = [resolver(alarm["Properties"]) for alarm in of_type("AWS::CloudWatch::Alarm").values()]
    own = [alarm for alarm in alarms if not alarm["Namespace"].startswith("AWS/")]
    wanted = sorted(metric.name for metric in METRICS for _ in metric.alarms)
    assert sorted(alarm["MetricName"] for alarm in own) == wanted
    for alarm in own:
        assert alarm["Namespace"] == block["Namespace"]
        assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == {
            d: emitted[d] for d in dimensions
        }


AWS_METRICS = {
    "AWS/Lambda": ({"Errors"}, {"FunctionName"}),
    "AWS/States": ({"ExecutionsFailed"}, {"StateMachineArn"}),
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible"}, {"QueueName"}),
}


def test_every_other_alarm_watches_a_metric_that_aws_has(of_type, resolver):
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        properties = resolver(alarm["Properties"])
        if properties["Namespace"] in AWS_METRICS:
            names, dimensions = AWS_METRICS[properties["Namespace"]]
            assert properties["MetricName"] in names
            assert {d["Name"] for d in properties["Dimensions"]} == dimensions


def test_every_dead_letter_queue_has_an_alarm(of_type, resolver):
    alarms = {n: resolver(a["Properties"]) for n, a in of_type("AWS::CloudWatch::Alarm").items()}
    watched = {
        d["Value"].split(".")[0]
        for a in alarms.values()
        for d in a["Dimensions"]
        if d["Name"] == "QueueName"
    }
    assert watched == set(of_type("AWS::SQS::Queue"))


def test_the_dashboard_shows_every_metric_and_every_alarm(
    resources, resolver, environment, of_type
):
    body = json.loads(resolver(resources["Dashboard"]["Properties"])["DashboardBody"])
    text = json.dumps(body)
    assert environment["POWERTOOLS_METRICS_NAMESPACE"] in text
    shown = set(re.findall(r'MetricName=\\+"(\w+)', text))
    for widget in body["widgets"]:
        for row in widget["properties"].get("metrics", ()):
            shown |= {row[1]} if isinstance(row[0], str) else set()
    assert shown - {"Errors", "ExecutionsFailed"} == {metric.name for metric in METRICS}
    (alarms,) = (one["properties"]["alarms"] for one in body["widgets"] if one["type"] == "alarm")
    assert alarms == [
        resolver({"Fn::GetAtt": f"{n}.Arn"}) for n in of_type("AWS::CloudWatch::Alarm")
    ]


def function_sources():
    """The modules of the function's package."""
    left_out = ("analysis", "catalog", "cli", "mcp", "reporter")
    package = ROOT / "src" / "claude_admin_lake"
    files = package.rglob("*.py")
    return [one for one in files if one.relative_to(package).parts[0] not in left_out]


def aws_calls():
    """The name of every AWS operation that the function's source mentions."""
    session = botocore.session.get_session()
    known = {
        xform_name(name)
        for service in (
            "s3",
            "dynamodb",
            "secretsmanager",
            "stepfunctions",
            "sqs",
            "glue",
            "kms",
            "events",
        )
        for name in session.get_service_model(service).operation_names
    }
    found = set()
    for file in function_sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return (found & known) - OWN_WORDS | (found & {"GetWebIdentityToken"})


def granted(translated):
    return {
        action
        for resolver in every_choice(translated)
        for statement in statements(resolver, translated["Resources"]["LoadRole"])
        for action in as_list(statement["Action"])
    }


def test_each_permission_is_used_and_each_call_permitted(translated):
    called = aws_calls()
    assert called <= set(ACTION_OF_CALL), "a call that this test does not know the permission of"
    used = {ACTION_OF_CALL[name] for name in called}
    assert granted(translated) - set(USED_BY_AWS_FOR_THE_FUNCTION) == used
    assert set(USED_BY_AWS_FOR_THE_FUNCTION) <= granted(translated)


def test_the_function_may_touch_only_this_stacks_things(translated):
    own = (
        "LakeBucket",
        "CursorTable",
        "AdminKeySecret",
        "FailedRunsQueue",
        "LoadLog",
        "acme-lake-load-until-done",
        "event-bus/default",
    )
    for resolver in every_choice(translated):
        for statement in statements(resolver, translated["Resources"]["LoadRole"]):
            given = [resolver({"Ref": name}) for name in ("ExistingSecretArn", "KmsKeyArn")]
            bucket = resolver({"Ref": "ExistingBucketName"})
            given += [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/lake/*"] if bucket else []
            for resource in as_list(statement["Resource"]):
                if statement["Sid"] not in ("SendTraces", "SayWhoItIsToAnthropicOnly"):
                    assert resource in given or any(name in resource for name in own), resource


def test_the_machines_derived_name_is_its_name(resources, resolver, environment):
    name = resolver(resources["LoadUntilDone"]["Properties"])["StateMachineName"]
    assert environment["CONTINUATION_STATE_MACHINE_ARN"].endswith(f":stateMachine:{name}")


def test_nothing_else_has_a_physical_name(resources):
    named = {"BucketName", "TableName", "FunctionName", "QueueName", "TopicName", "RoleName",
             "AlarmName", "DashboardName", "LogGroupName", "Name"}  # fmt: skip
    found = {
        (one, name)
        for one, resource in resources.items()
        for name in named & set(resource.get("Properties", {}))
        if not isinstance(resource["Properties"][name], dict)
        and resource["Type"] != "AWS::Athena::NamedQuery"  # a title, which need not be the only one
    }
    assert found == set()


def test_an_own_key_is_used_for_the_lake_the_cursors_and_the_secret(translated):
    arn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
    resolver = Resolver(translated, KmsKeyArn=arn)
    for name, path in {
        "LakeBucket": "BucketEncryption",
        "CursorTable": "SSESpecification",
        "AdminKeySecret": "KmsKeyId",
    }.items():
        properties = translated["Resources"][name]["Properties"]
        assert arn in json.dumps(resolver(properties)[path])
        assert arn not in json.dumps(Resolver(translated)(properties))
