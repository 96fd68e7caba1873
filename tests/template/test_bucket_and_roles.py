"""An existing bucket, and the boundary and path that an account demands of roles."""

import json

import pytest

from .intrinsics import Resolver, every_choice, statements, worked_out

BUCKET = "left-behind-bucket"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


@pytest.fixture(scope="session")
def with_bucket(translated):
    return Resolver(translated, ExistingBucketName=BUCKET)


def texts(value):
    """Return every string in a value, names of fields apart."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return [text for one in inside for text in texts(one)]
    return [value] if isinstance(value, str) else []


def test_no_bucket_and_no_policy_of_a_bucket_is_created_if_one_is_named(translated, with_bucket):
    usual = worked_out(Resolver(translated), translated)["Resources"]
    found = worked_out(with_bucket, translated)["Resources"]
    assert set(usual) - set(found) == {"LakeBucket", "LakeBucketPolicy"}
    assert set(found) <= set(usual)


def test_everything_uses_the_bucket_that_is_named(translated, with_bucket, catalog):
    found = worked_out(with_bucket, translated)
    variables = found["Resources"]["LoadFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["LAKE_BUCKET"] == BUCKET
    assert found["Outputs"]["LakeBucketName"]["Value"] == BUCKET
    assert found["Outputs"]["LakeLocation"]["Value"] == f"s3://{BUCKET}/lake/"
    inside = worked_out(with_bucket.nested("Catalog", catalog), catalog)["Resources"]
    for text in (*texts(found), *texts(inside)):
        assert "LakeBucket" not in text
    tables = [one for one in inside.values() if one["Type"] == "AWS::Glue::Table"]
    assert f"s3://{BUCKET}/lake/users/" in json.dumps(tables)


def test_the_function_may_use_the_named_bucket_as_it_may_its_own(translated, with_bucket):
    role = translated["Resources"]["LoadRole"]
    own = json.dumps(statements(Resolver(translated), role))
    assert json.dumps(statements(with_bucket, role)) == own.replace("LakeBucket", BUCKET)
    assert f'"arn:aws:s3:::{BUCKET}/lake/*"' in own.replace("LakeBucket", BUCKET)


def test_a_bucket_is_kept_when_it_leaves_the_stack(translated):
    for name in ("LakeBucket", "LakeBucketPolicy"):
        assert translated["Resources"][name]["DeletionPolicy"].startswith("Retain")


def test_every_role_has_the_boundary_and_the_path_that_are_asked_for(translated, of_type):
    roles = of_type("AWS::IAM::Role")
    assert len(roles) >= 3
    resolver = Resolver(translated, PermissionsBoundary=BOUNDARY, RolePath="/teams/data/")
    for name, role in roles.items():
        properties = resolver(role["Properties"])
        assert properties["PermissionsBoundary"] == BOUNDARY, name
        assert properties["Path"] == "/teams/data/", name
        assert "RoleName" not in properties, name


def test_no_role_has_a_boundary_unasked(translated, of_type):
    for resolver in every_choice(translated):
        asked = resolver.condition("HasBoundary")
        for name, role in of_type("AWS::IAM::Role").items():
            assert ("PermissionsBoundary" in resolver(role["Properties"])) == asked, name
