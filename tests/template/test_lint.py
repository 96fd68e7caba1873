"""The tools' opinion: SAM's own, cfn-lint on both forms of the template, Guard, parliament."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import cfn_guard_rs
import pytest

from .conftest import ROOT
from .intrinsics import every_choice, statements, worked_out

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # parliament leaves its files open
    import parliament

BIN = Path(sys.executable).parent
RULES = (Path(__file__).parent / "rules.guard").read_text()


def run(*command, folder=ROOT):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment |= {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_sam_validates_and_lints_the_template():
    sam = shutil.which("sam", path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    done = run(sam, "validate", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


def lint(file):
    done = run(str(BIN / "cfn-lint"), "--format", "json", "--regions", "us-east-1", "--", str(file))
    return json.loads(done.stdout or "[]")


@pytest.fixture(scope="module")
def lint_translated(tmp_path_factory):
    def lint_it(template):
        file = tmp_path_factory.mktemp("lint") / "template.json"
        file.write_text(json.dumps(template))
        return {f"{one['Rule']['Id']} {one['Message']}" for one in lint(file)}

    return lint_it


def test_cfn_lint_has_nothing_to_say_about_what_cloudformation_gets(translated, lint_translated):
    assert lint_translated(translated) == set()


def test_cfn_lint_has_nothing_to_say_about_the_catalog():
    assert lint(ROOT / "catalog.yaml") == []


def test_cfn_lint_checks_what_the_nested_stack_is_given(tmp_path):
    shutil.copy(ROOT / "catalog.yaml", tmp_path)
    text = (ROOT / "template.yaml").read_text()
    text = text.replace("        SavedQueries: !Ref", "        SaveQueries: !Ref")
    (tmp_path / "template.yaml").write_text(text)
    found = [one for one in lint(tmp_path / "template.yaml") if one["Rule"]["Id"] == "E3043"]
    assert ["SaveQueries" in one["Message"] for one in found].count(True) == 1


def test_cfn_lint_would_say_so_if_there_were(translated, lint_translated):
    broken = json.loads(json.dumps(translated))
    broken["Resources"]["LoadFunction"]["Properties"]["Timeout"] = 1000
    broken["Resources"]["LakeBucket"]["Properties"]["Versions"] = True
    broken["Resources"]["LoadRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0][
        "Action"
    ] = "secretsmanager:GetSecretValues"
    found = " ".join(lint_translated(broken))
    assert all(rule in found for rule in ("E3717", "E3002", "W3037")), found


@pytest.fixture(scope="module")
def every_stack(translated, catalog):
    """The resources of both stacks for each choice, and the choice's resolver."""
    return [
        (resolver, both(resolver, translated, catalog)) for resolver in every_choice(translated)
    ]


def both(resolver, translated, catalog):
    resources = worked_out(resolver, translated)["Resources"]
    if "Catalog" in resources:
        resources |= worked_out(resolver.nested("Catalog", catalog), catalog)["Resources"]
    return {"Resources": resources}


ONLY_IF = {
    "workgroups_encrypt_results_and_limit_scans": "HasCatalog",
    "buckets_are_private": "CreateBucket",
    "buckets_are_encrypted_and_versioned": "CreateBucket",
    "buckets_do_not_grow_for_ever": "CreateBucket",
    "buckets_want_tls": "CreateBucket",
}
"""Rules that have nothing to check unless a condition holds."""


def test_guard_rules_hold_however_the_conditions_fall(every_stack):
    for resolver, template in every_stack:
        report = cfn_guard_rs.run_checks(template, RULES)
        assert [one.Rule.name for one in report.not_compliant] == []
        skipped = {rule for rule, needed in ONLY_IF.items() if not resolver.condition(needed)}
        assert set(report.not_applicable) == skipped


@pytest.mark.parametrize(
    ("rule", "path", "value"),
    [
        (
            "buckets_are_private",
            "LakeBucket.Properties.PublicAccessBlockConfiguration.BlockPublicAcls",
            False,
        ),
        (
            "buckets_are_encrypted_and_versioned",
            "LakeBucket.Properties.VersioningConfiguration.Status",
            "Suspended",
        ),
        ("buckets_want_tls", "LakeBucketPolicy.Properties.PolicyDocument.Statement", []),
        ("queues_want_tls", "QueuesPolicy.Properties.PolicyDocument.Statement", []),
        ("what_holds_data_outlives_the_stack", "CursorTable.DeletionPolicy", "Delete"),
        (
            "failed_invocations_are_kept",
            "LoadFunctionEventInvokeConfig.Properties.DestinationConfig",
            {},
        ),
        ("undelivered_starts_are_kept", "DailySchedule.Properties.Target.DeadLetterConfig", {}),
        ("logs_end", "LoadLog.Properties", {}),
        (
            "roles_have_no_wildcards",
            "LoadRole.Properties.Policies.0.PolicyDocument.Statement.0.Resource",
            "*",
        ),
        (
            "roles_have_no_wildcards",
            "LoadRole.Properties.Policies.0.PolicyDocument.Statement.2.Action",
            ["s3:*"],
        ),
        (
            "workgroups_encrypt_results_and_limit_scans",
            "LakeWorkGroup.Properties.WorkGroupConfiguration.EnforceWorkGroupConfiguration",
            False,
        ),
    ],
)
def test_a_guard_rule_finds_what_it_is_for(translated, catalog, rule, path, value):
    template = both(next(every_choice(translated)), translated, catalog)
    *way, last = path.split(".")
    place = template["Resources"]
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    place[last] = value
    report = cfn_guard_rs.run_checks(template, RULES)
    assert rule in [one.Rule.name for one in report.not_compliant]


def test_every_role_passes_iam_lint(translated, of_type):
    found = set()
    for resolver in every_choice(translated):
        for role in of_type("AWS::IAM::Role").values():
            for statement in statements(resolver, role):
                document = {"Version": "2012-10-17", "Statement": [statement]}
                policy = parliament.analyze_policy_string(json.dumps(document))
                found |= {(one.issue, statement["Sid"]) for one in policy.findings}
    assert found == {("UNKNOWN_ACTION", "SayWhoItIsToAnthropicOnly")}
    """sts:GetWebIdentityToken is younger than the linter's list of actions; botocore knows it."""


def test_iam_lint_would_find_a_mistyped_action():
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "arn:aws:s3:::a/b"}
        ],
    }
    assert [one.issue for one in parliament.analyze_policy_string(json.dumps(document)).findings]
