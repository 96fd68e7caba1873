"""template.yaml and the catalog.yaml that it nests: one passes what the other declares."""

import pytest

from .conftest import ROOT
from .intrinsics import Resolver, every_choice, worked_out

KINDS = ("AWS::Glue::", "AWS::Athena::")


def text_of(name):
    return (ROOT / name).read_text()


def test_the_template_fits_a_reading():
    lines = text_of("template.yaml").splitlines()
    assert len(lines) < 900
    assert [line for line in lines if len(line) > 160] == []


def test_the_nested_stack_gets_exactly_the_parameters_that_it_declares(resources, catalog):
    given = resources["Catalog"]["Properties"]["Parameters"]
    assert set(given) == set(catalog["Parameters"])


def test_all_of_the_catalog_is_in_the_nested_stack_and_nothing_else(resources, catalog):
    assert [one for one in resources.values() if one["Type"].startswith(KINDS)] == []
    assert {one["Type"] for one in catalog["Resources"].values()} == {
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::Athena::WorkGroup",
        "AWS::Athena::NamedQuery",
    }


def test_database_and_workgroup_are_named_after_the_main_stack(translated, catalog):
    inside = Resolver(translated).nested("Catalog", catalog)
    found = worked_out(inside, catalog)["Resources"]
    assert found["LakeDatabase"]["Properties"]["DatabaseInput"]["Name"] == "acme_lake"
    assert found["LakeWorkGroup"]["Properties"]["Name"] == "acme-lake"
    assert "AWS::StackName" not in text_of("catalog.yaml").split("Conditions:")[1]


def test_every_table_is_where_the_function_writes(translated, catalog):
    resolver = Resolver(translated, LakePrefix="some/where/")
    variables = resolver(
        translated["Resources"]["LoadFunction"]["Properties"]["Environment"]["Variables"]
    )
    lake = f"s3://{variables['LAKE_BUCKET']}/{variables['LAKE_PREFIX']}"
    found = worked_out(resolver.nested("Catalog", catalog), catalog)["Resources"].values()
    tables = [one["Properties"]["TableInput"] for one in found if one["Type"].endswith("::Table")]
    stored = [one for one in tables if one["TableType"] == "EXTERNAL_TABLE"]
    assert stored
    for table in stored:
        assert table["StorageDescriptor"]["Location"] == f"{lake}{table['Name']}/"


def uses(value):
    """Every resource and output of the nested stack that a value refers to."""
    if isinstance(value, dict):
        if "Fn::GetAtt" in value:
            path = value["Fn::GetAtt"]
            path = path if isinstance(path, str) else ".".join(path)
            return {path} if path.startswith("Catalog.") else set()
        return set().union(*map(uses, value.values()))
    if isinstance(value, list):
        return set().union(*map(uses, value))
    return {"Catalog"} if isinstance(value, str) and "${Catalog" in value else set()


def test_only_outputs_refer_to_the_catalog_and_only_to_outputs_that_it_has(translated, catalog):
    assert uses(translated["Resources"]) == set()
    known = {f"Catalog.Outputs.{name}" for name in catalog["Outputs"]}
    assert uses(translated["Outputs"]) == known


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_without_the_catalog_nothing_of_it_is_created_or_shown(translated, wanted):
    found = worked_out(Resolver(translated, CreateCatalog=wanted), translated)
    shown = {"DatabaseName", "WorkGroupName", "QueryEditorUrl"}
    assert ("Catalog" in found["Resources"]) == (wanted == "true")
    assert shown & set(found["Outputs"]) == (shown if wanted == "true" else set())
    left_out = set(translated["Resources"]) - set(found["Resources"])
    assert left_out - {"AlarmSubscription"} == (set() if wanted == "true" else {"Catalog"})


def test_saved_queries_can_be_left_out_of_the_catalog(translated, catalog):
    for wanted in ("true", "false"):
        inside = Resolver(translated, SavedQueries=wanted).nested("Catalog", catalog)
        found = worked_out(inside, catalog)["Resources"].values()
        kinds = {one["Type"] for one in found}
        assert ("AWS::Athena::NamedQuery" in kinds) == (wanted == "true")


def test_your_own_key_encrypts_query_results(translated, catalog):
    for resolver in every_choice(translated):
        found = worked_out(resolver.nested("Catalog", catalog), catalog)["Resources"]
        results = found["LakeWorkGroup"]["Properties"]["WorkGroupConfiguration"]
        encryption = results["ResultConfiguration"]["EncryptionConfiguration"]
        key = resolver({"Ref": "KmsKeyArn"})
        wanted = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
        assert encryption == (wanted if key else {"EncryptionOption": "SSE_S3"})
