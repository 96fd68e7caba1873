"""What people may set: described, constrained, and refused by the template itself when wrong."""

import re

import pytest

from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.settings import read_settings

from .conftest import ROOT

CONSTRAINTS = {"AllowedPattern", "AllowedValues", "MinValue"}


def test_every_parameter_is_described_constrained_grouped_and_has_a_default(written):
    groups = written["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(written["Parameters"])
    for name, one in written["Parameters"].items():
        assert len(one["Description"]) > 20, name
        assert "Default" in one, name
        assert CONSTRAINTS & set(one), name
        if "AllowedPattern" in one:
            assert one["ConstraintDescription"], name
            assert re.fullmatch(one["AllowedPattern"], one["Default"]), name


def test_every_parameter_is_used(written):
    body = str(
        {name: one for name, one in written.items() if name not in ("Parameters", "Metadata")}
    )
    for name in written["Parameters"]:
        assert f"'Ref': '{name}'" in body or f"${{{name}}}" in body, name


REFUSED = [
    ("StartDate", "2022-12-31"), ("StartDate", "2025-13-01"), ("StartDate", "01.01.2025"),
    ("Tables", "users,"), ("Tables", "users, invites"), ("Tables", "user"), ("Tables", ""),
    ("UsageGroupBy", "model,speed,account_id,workspace_id,api_key_id,service_tier"),
    ("UsageGroupBy", "models"), ("UsageGroupBy", ""),
    ("ScheduleExpression", "rate(1 days)"), ("ScheduleExpression", "rate(0 hours)"),
    ("ScheduleExpression", "cron(0 5 * * *)"), ("ScheduleExpression", "every day"),
    ("ScheduleExpression", "at(2026-01-01T00:00:00)"),
    ("ScheduleTimezone", "+01:00"), ("ExistingSecretArn", "my-secret"),
    ("AdminApiBaseUrl", "http://api.anthropic.com"), ("AdminApiBaseUrl", "https://user:pass@host"),
    ("AdminApiBaseUrl", "http://127.0.0.1.example.com"), ("AdminApiBaseUrl", "https://host?x=1"),
    ("LakePrefix", ""), ("LakePrefix", "lake"), ("LakePrefix", "/lake/"), ("LakePrefix", "a//b/"),
    ("KmsKeyArn", "alias/mine"), ("KmsKeyArn", "arn:aws:kms:eu-west-1:123456789012:alias/mine"),
    ("Organizations", ""), ("Organizations", "a,"), ("Organizations", "a, b"),
    ("Organizations", "A"), ("Organizations", "-a"), ("Organizations", "a" * 64),
    ("PastOrganizations", "a/b"),
    ("AlarmEmail", "me"), ("AlarmEmail", "a b@example.com"),
    ("ExistingBucketName", "s3://bucket"), ("ExistingBucketName", "Bucket"),
    ("ExistingBucketName", "a-"),
    ("ExistingBucketName", "arn:aws:s3:::bucket"), ("ExistingBucketName", "bucket/lake"),
    ("PermissionsBoundary", "boundary"),
    ("PermissionsBoundary", "arn:aws:iam::123456789012:role/boundary"),
    ("RolePath", ""), ("RolePath", "teams"), ("RolePath", "/teams"), ("RolePath", "//"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_wrong_value_is_refused_before_anything_is_created(written, name, value):
    assert not re.fullmatch(written["Parameters"][name]["AllowedPattern"], value)


ACCEPTED = [
    ("StartDate", "2023-01-01"), ("Tables", "users"), ("Tables", "standard,hourly"),
    ("UsageGroupBy", "model,speed"),
    ("ScheduleExpression", "rate(12 hours)"), ("ScheduleExpression", "rate(1 day)"),
    ("ScheduleExpression", "cron(30 6 ? * MON-FRI *)"), ("ScheduleTimezone", "Europe/Berlin"),
    ("ScheduleTimezone", "America/Argentina/Buenos_Aires"), ("ScheduleTimezone", "Etc/GMT+3"),
    ("ExistingSecretArn", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-AbCdEf"),
    ("AdminApiBaseUrl", "https://proxy.example.com/anthropic"), ("AdminApiBaseUrl", "http://127.0.0.1:8080"),
    ("LakePrefix", "raw/claude_admin/"),
    ("Organizations", "production,claude-dev,1"), ("Organizations", "a" * 63),
    ("PastOrganizations", "former"),
    ("KmsKeyArn", "arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-0a"),
    ("AlarmEmail", "ops+claude@example.co.uk"),
    ("ExistingBucketName", "claude-admin-lake-lakebucket-0a1b2c3d"),
    ("PermissionsBoundary", "arn:aws:iam::123456789012:policy/teams/boundary"),
    ("PermissionsBoundary", "arn:aws-us-gov:iam::aws:policy/PowerUserAccess"),
    ("RolePath", "/"), ("RolePath", "/teams/data/"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_a_right_value_is_accepted(written, name, value):
    assert re.fullmatch(written["Parameters"][name]["AllowedPattern"], value)


VARIABLE_OF = {
    "Organizations": "ORGANIZATIONS",
    "StartDate": "START_DATE",
    "Tables": "TABLES",
    "UsageGroupBy": "USAGE_GROUP_BY",
    "AdminApiBaseUrl": "ADMIN_API_BASE_URL",
    "LakePrefix": "LAKE_PREFIX",
}


@pytest.mark.parametrize(("name", "value"), [one for one in ACCEPTED if one[0] in VARIABLE_OF])
def test_what_the_template_accepts_the_function_accepts(name, value):
    assert read_settings({VARIABLE_OF[name]: value})


@pytest.mark.parametrize("name", ["LookbackDays", "ReportLookbackDays", "RequestsPerMinute"])
def test_the_limits_of_numbers_are_those_of_the_function(written, name):
    variable = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
    one = written["Parameters"][name]
    for allowed in (one["MinValue"], one["MaxValue"]):
        read_settings({variable: str(allowed)})
    for refused in (one["MinValue"] - 1, one["MaxValue"] + 1):
        with pytest.raises(InvalidInput):
            read_settings({variable: str(refused)})


def test_the_lake_cannot_be_put_where_query_results_expire(written):
    (assertion,) = written["Rules"]["QueryResultsStayOutOfTheLake"]["Assertions"]
    forbidden = assertion["Assert"]["Fn::Not"][0]["Fn::Equals"][1]
    rules = written["Resources"]["LakeBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert forbidden in [rule.get("Prefix") for rule in rules]


def test_an_organization_cannot_be_both_present_and_past(written):
    (assertion,) = written["Rules"]["OrganizationsArePresentOrPast"]["Assertions"]
    compared = assertion["Assert"]["Fn::Not"][0]["Fn::Equals"]
    assert compared == [{"Ref": "Organizations"}, {"Ref": "PastOrganizations"}]


@pytest.mark.parametrize("section", ["Parameters", "Outputs"])
def test_the_documentation_names_every_parameter_and_output(written, section):
    text = (ROOT / "docs" / "deployment.md").read_text()
    assert [name for name in written[section] if f"`{name}`" not in text] == []
