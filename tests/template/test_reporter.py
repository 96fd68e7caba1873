"""The reporter in a stack of its own: what it gets, what it may do, and that it can be left out."""

import json

import pytest

from claude_admin_lake.reporter import outside, settings

from .conftest import ROOT
from .intrinsics import Resolver, as_list, statements, worked_out
from .test_lint import lint

HOOK = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hook-AbCdEf"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"


@pytest.fixture(scope="module")
def inside(translated, reporter):
    return Resolver(translated).nested("Reporter", reporter)


def variables(resolver, reporter, name):
    return resolver(reporter["Resources"][name]["Properties"]["Environment"]["Variables"])


def test_it_gets_exactly_the_parameters_that_it_declares(resources, reporter):
    assert set(resources["Reporter"]["Properties"]["Parameters"]) == set(reporter["Parameters"])


def test_it_fits_a_reading():
    lines = (ROOT / "reporter.yaml").read_text().splitlines()
    assert len(lines) < 300
    assert max(map(len, lines)) <= 160


def test_it_is_left_out_by_one_parameter(translated):
    found = worked_out(Resolver(translated, Reports="false"), translated)
    text = json.dumps(found)
    assert "Reporter" not in found["Resources"]
    assert "reports" not in text.lower().replace("report_lookback", "").replace("buckets", "")
    body = json.loads(found["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    assert all(one["type"] != "custom" for one in body["widgets"])


def test_the_dashboard_asks_the_widgets_function(translated):
    found = worked_out(Resolver(translated), translated)
    body = json.loads(found["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    custom = [one["properties"] for one in body["widgets"] if one["type"] == "custom"]
    assert [one["params"]["widget"] for one in custom] == ["now", "spend", "claude-code"]
    assert {one["endpoint"] for one in custom} == {"Reporter.Outputs.WidgetFunctionArn"}


def test_the_code_reads_what_the_template_sets(inside, reporter):
    given = variables(inside, reporter, "ReportFunction")
    assert set(given) < set(settings.VARIABLES)
    read = settings.read_settings({name: str(value) for name, value in given.items()})
    assert read.thresholds == settings.Thresholds()
    assert (read.digest, read.webhook_secret, read.names_people) == ("weekly", "", False)
    assert read.page_url.endswith("&prefix=reports/")


def allowed(resolver, reporter, role):
    return {
        (action, resource)
        for one in statements(resolver, reporter["Resources"][role])
        for action in as_list(one["Action"])
        for resource in as_list(one["Resource"])
    }


def test_the_reporter_reads_the_lake_writes_reports_and_publishes(translated, reporter):
    resolver = Resolver(translated, WebhookSecretArn=HOOK, KmsKeyArn=KEY)
    found = allowed(resolver.nested("Reporter", reporter), reporter, "ReportRole")
    bucket = "arn:aws:s3:::LakeBucket"
    data = {one for one in found if not one[0].startswith(("logs:", "kms:"))}
    assert data == {
        ("s3:GetObject", f"{bucket}/lake/*"), ("s3:GetObject", f"{bucket}/reports/*"),
        ("s3:PutObject", f"{bucket}/reports/*"), ("s3:ListBucket", bucket),
        ("sns:Publish", "arn:aws:sns:eu-west-1:123456789012:DigestTopic"),
        ("secretsmanager:GetSecretValue", HOOK),
    }  # fmt: skip
    assert {resource for action, resource in found if action.startswith("kms:")} == {KEY}
    assert outside.REPORTS == "reports/"


def test_without_webhook_and_key_it_may_use_neither(inside, reporter):
    actions = {action for action, _ in allowed(inside, reporter, "ReportRole")}
    assert not [one for one in actions if one.startswith(("secretsmanager:", "kms:"))]


def test_the_widgets_function_reads_pieces_only(inside, reporter):
    found = allowed(inside, reporter, "WidgetRole")
    assert {resource for action, resource in found if action == "s3:GetObject"} == {
        "arn:aws:s3:::LakeBucket/reports/*/widgets/*"
    }
    assert {action for action, _ in found if action.startswith("s3:")} == {
        "s3:GetObject",
        "s3:ListBucket",
    }


def test_it_starts_when_a_load_has_ended_and_somebody_is_told_if_it_fails(inside, reporter):
    found = worked_out(inside, reporter)["Resources"]
    rule = found["LoadedRule"]["Properties"]
    assert rule["EventPattern"] == {
        "source": ["claude-admin-lake"],
        "detail-type": ["Lake Loaded"],
        "resources": ["arn:aws:s3:::LakeBucket/lake/"],  # of this lake only
    }
    alarm = found["ReportFailedAlarm"]["Properties"]
    assert alarm["AlarmActions"] == ["arn:aws:sns:eu-west-1:123456789012:AlarmTopic"]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "ReportFunction"}]


def test_the_entry_points_exist(reporter):
    for name in ("ReportFunction", "WidgetFunction"):
        module, _, function = reporter["Resources"][name]["Properties"]["Handler"].rpartition(".")
        source = ROOT / "src" / f"{module.replace('.', '/')}.py"
        assert f"def {function}(" in source.read_text()


def test_cfn_lint_has_nothing_to_say(tmp_path):
    text = (ROOT / "reporter.yaml").read_text()
    packed = text.replace("Code: src/", "Code: { S3Bucket: a-bucket, S3Key: a-key }")
    assert packed.count("S3Key") == 2
    (tmp_path / "reporter.yaml").write_text(packed)
    assert lint(tmp_path / "reporter.yaml") == []
